#include "engine/math/optimizers.h"

#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "tests/engine/math/fixtures.h"

namespace vernier::engine {
namespace {

OptimizerHyper hyper_of(const Json& json) {
  return {.momentum = json["momentum"],
          .beta1 = json["beta1"],
          .beta2 = json["beta2"],
          .eps = json["eps"],
          .weight_decay = json["weight_decay"]};
}

/// The weights after each update, from the recorded gradients.
template <class T>
std::vector<std::vector<T>> replay(Optimizer o, const Json& record,
                                   const std::vector<double>& start) {
  std::vector<T> w(start.begin(), start.end());
  std::vector<std::array<T, 3>> state(w.size());
  OptimizerClock clock;
  std::vector<std::vector<T>> path;
  for (std::size_t t = 0; t < record["gradients"].size(); ++t) {
    const double lr =
        t < 20 ? record["hyper"]["lr"].get<double>() : record["lr_from_21"].get<double>();
    const auto step = next_step<T>(o, hyper_of(record["hyper"]), lr, clock);
    with_optimizer(o, [&]<Optimizer O>() {
      for (std::size_t i = 0; i < w.size(); ++i) {
        update_weight<O>(step, w[i], record["gradients"][t][i].get<T>(), state[i][0], state[i][1],
                         state[i][2]);
      }
    });
    path.push_back(w);
  }
  return path;
}

TEST_CASE("every optimizer follows torch.optim step for step, also where the rate changes") {
  const Json recorded = testing::fixture("optimizers.json");
  const auto start = recorded["start"].get<std::vector<double>>();
  int compared = 0;
  for (const Json& record : recorded["trajectories"]) {
    const std::string name = record["optimizer"];
    CAPTURE(name);
    const Optimizer o = optimizer_from_name(name).value();
    const auto exact = replay<double>(o, record, start);
    // torch keeps NAdam's product of momenta in single precision.
    const double tolerance = o == Optimizer::nadam ? 1e-6 : 1e-10;
    const auto narrow = replay<float>(o, record, start);
    for (std::size_t t = 0; t < exact.size(); ++t) {
      for (std::size_t i = 0; i < start.size(); ++i) {
        const double expected = record["weights"][t][i];
        CAPTURE(t);
        CHECK(exact[t][i] == doctest::Approx(expected).epsilon(tolerance).scale(1e-3));
        CHECK(narrow[t][i] == doctest::Approx(expected).epsilon(2e-5).scale(1));
        ++compared;
      }
    }
  }
  CHECK(compared == 9 * 2 * 40 * 4);  // all but momentum_ema, which torch.optim does not have
}

TEST_CASE("momentum_ema is heavy-ball momentum with (1 - m) times the rate") {
  const Json recorded = testing::fixture("optimizers.json");
  const auto start = recorded["start"].get<std::vector<double>>();
  for (Json record : recorded["trajectories"]) {
    if (record["optimizer"] != "momentum") continue;
    const double keep = 1 - record["hyper"]["momentum"].get<double>();
    record["hyper"]["lr"] = record["hyper"]["lr"].get<double>() / keep;
    record["lr_from_21"] = record["lr_from_21"].get<double>() / keep;
    const auto path = replay<double>(Optimizer::momentum_ema, record, start);
    for (std::size_t t = 0; t < path.size(); ++t) {
      for (std::size_t i = 0; i < start.size(); ++i) {
        CHECK(path[t][i] == doctest::Approx(record["weights"][t][i].get<double>()).epsilon(1e-10));
      }
    }
  }
}

TEST_CASE("defaults are those of torch.optim") {
  const Json recorded = testing::fixture("optimizers.json");
  for (const auto& [name, expected] : recorded["defaults"].items()) {
    const OptimizerHyper& ours = optimizer_info(optimizer_from_name(name).value()).defaults;
    CAPTURE(name);
    CHECK(ours.weight_decay == expected["weight_decay"].get<double>());
    if (expected.contains("eps")) CHECK(ours.eps == expected["eps"].get<double>());
    if (expected.contains("beta1")) CHECK(ours.beta1 == expected["beta1"].get<double>());
    if (expected.contains("beta2")) CHECK(ours.beta2 == expected["beta2"].get<double>());
    if (expected.contains("momentum")) CHECK(ours.momentum == expected["momentum"].get<double>());
  }
}

TEST_CASE("the table agrees with the enumeration and with the states that an update touches") {
  constexpr double untouched = 0.12345;
  for (std::size_t i = 0; i < optimizer_table.size(); ++i) {
    const OptimizerInfo& info = optimizer_table[i];
    CAPTURE(info.name);
    CHECK(static_cast<std::size_t>(info.id) == i);
    CHECK(optimizer_states(info.id) == info.states);
    std::array<double, 3> state{untouched, untouched, untouched};
    OptimizerClock clock;
    OptimizerHyper hyper = info.defaults;
    hyper.momentum = 0.5;
    const auto step = next_step<double>(info.id, hyper, 0.1, clock);
    CHECK(clock.updates == 1);
    double w = 1;
    with_optimizer(info.id, [&]<Optimizer O>() {
      update_weight<O>(step, w, 3.0, state[0], state[1], state[2]);
    });
    CHECK(w < 1);
    for (int s = 0; s < 3; ++s)
      CHECK((state[static_cast<std::size_t>(s)] != untouched) == (s < info.states));
  }
}

TEST_CASE("a padded weight stays exactly zero under every optimizer") {
  for (const OptimizerInfo& info : optimizer_table) {
    double w = 0, a = 0, b = 0, c = 0;
    OptimizerClock clock;
    for (int t = 0; t < 5; ++t) {
      const auto step = next_step<double>(info.id, info.defaults, 0.1, clock);
      with_optimizer(info.id, [&]<Optimizer O>() { update_weight<O>(step, w, 0.0, a, b, c); });
    }
    CHECK(w == 0.0);
  }
}

}  // namespace
}  // namespace vernier::engine
