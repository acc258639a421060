#include "reports/analysis/best_so_far.h"

#include <doctest/doctest.h>

#include "tests/reports/study.h"

using namespace vernier;
using namespace vernier::reports;
using store::State;

TEST_CASE("improvements against trials, steps and wall time") {
  auto data = test::study();
  const auto put = [&](State state, std::optional<double> value, int steps, double start,
                       double end) {
    auto& trial =
        test::add(data, state, value, std::vector<double>(static_cast<std::size_t>(steps), 0.1));
    trial.started = start;
    trial.ended = end;
  };
  put(State::completed, 0.5, 10, 100, 160);  // ends third
  put(State::completed, 0.4, 5, 101, 110);   // ends first
  put(State::failed, std::nullopt, 2, 110, 120);
  put(State::stopped, 0.6, 3, 120, 200);
  put(State::running, 0.9, 1, 130, 0);
  data.trials.back().ended.reset();

  const BestSoFar best = best_so_far(data);
  CHECK(best.by_trial.x == std::vector<double>{1, 4});
  CHECK(best.by_trial.best == std::vector<double>{0.5, 0.6});
  CHECK(best.by_trial.end == 4);
  CHECK(best.by_steps.x == std::vector<double>{5, 17, 20});  // 5; +2 failed, +10; +3
  CHECK(best.by_steps.number == std::vector<int>{2, 1, 4});
  CHECK(best.by_wall.x == std::vector<double>{10, 60, 100});
  CHECK(best.by_wall.best == std::vector<double>{0.4, 0.5, 0.6});
}

TEST_CASE("nothing finished: empty") {
  auto data = test::study();
  CHECK(best_so_far(data).by_trial.x.empty());
  test::add(data, State::failed, std::nullopt);
  const auto best = best_so_far(data);
  CHECK(best.by_trial.x.empty());
  CHECK(best.by_trial.end == 1);
}
