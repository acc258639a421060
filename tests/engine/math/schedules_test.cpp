#include "engine/math/schedules.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/engine/math/fixtures.h"

namespace vernier::engine {
namespace {

TEST_CASE("schedules equal torch.optim.lr_scheduler") {
  const Json recorded = testing::fixture("schedules.json");
  for (const Json& test : recorded["cases"]) {
    ScheduleRule rule;
    rule.type = schedule_from_name(test["type"].get<std::string>()).value();
    rule.lr = recorded["lr"];
    rule.warmup_updates = test.value("warmup", 0.0);
    rule.gamma = test.value("gamma", rule.gamma);
    rule.every = test.value("every", rule.every);
    rule.final_share = test.value("final_share", rule.final_share);
    rule.patience = test.value("patience", rule.patience);
    const auto rates = test["rates"].get<std::vector<double>>();
    const auto total = test.value("total", static_cast<std::int64_t>(rates.size()));
    CAPTURE(test["type"].get<std::string>());
    PlateauState plateau;
    for (std::size_t u = 0; u < rates.size(); ++u) {
      if (rule.type == Schedule::plateau)
        observe(rule, test["mode"] == "max", test["values"][u].get<double>(), plateau);
      CAPTURE(u);
      CHECK(learning_rate(rule, static_cast<std::int64_t>(u), total, plateau) ==
            doctest::Approx(rates[u]).epsilon(1e-9));
    }
  }
}

TEST_CASE("warm-up rises linearly to lr, then the schedule spans the rest") {
  for (const ScheduleInfo& info : schedule_table) {
    if (info.id == Schedule::one_cycle) continue;
    ScheduleRule warm{.type = info.id,
                      .lr = 2.0,
                      .warmup_updates = 10,
                      .updates_per_epoch = 5,
                      .gamma = 0.5,
                      .every = 2};
    ScheduleRule plain = warm;
    plain.warmup_updates = 0;
    CAPTURE(info.name);
    for (int u = 0; u < 10; ++u)
      CHECK(learning_rate(warm, u, 50, {}) == doctest::Approx(0.2 * (u + 1)));
    for (int u = 10; u < 50; ++u)
      CHECK(learning_rate(warm, u, 50, {}) == learning_rate(plain, u - 10, 40, {}));
  }
}

TEST_CASE("rates are finite, positive before the end and at most lr, whatever the lengths") {
  for (const ScheduleInfo& info : schedule_table) {
    for (const std::int64_t total : {1, 2, 3, 7, 100}) {
      for (const double warmup : {0.0, 0.5, 1.0, 3.7, 200.0}) {
        const ScheduleRule rule{
            .type = info.id, .lr = 0.3, .warmup_updates = warmup, .updates_per_epoch = 2.5};
        for (std::int64_t u = 0; u < total; ++u) {
          const double rate = learning_rate(rule, u, total, {});
          CAPTURE(info.name);
          CAPTURE(total);
          CAPTURE(warmup);
          CAPTURE(u);
          CHECK(rate > 0);
          CHECK(rate <= 0.3 * (1 + 1e-12));
        }
      }
    }
  }
}

TEST_CASE("plateau: a NaN is no improvement, and the first value is the reference") {
  const ScheduleRule rule{.type = Schedule::plateau, .lr = 1, .gamma = 0.5, .patience = 1};
  PlateauState state;
  observe(rule, true, std::nan(""), state);
  observe(rule, true, 0.5, state);
  CHECK(state.best == 0.5);
  observe(rule, true, std::nan(""), state);
  CHECK(state.factor == 1);
  observe(rule, true, std::nan(""), state);
  CHECK(state.factor == 0.5);
}

}  // namespace
}  // namespace vernier::engine
