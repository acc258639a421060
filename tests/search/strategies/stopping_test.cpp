// percentile, patience, threshold, nan_sentinel: what each stops, and what it leaves alone.
#include <climits>
#include <cmath>

#include "core/error.h"
#include "search/strategy.h"
#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

namespace {

/// The step at which a trial with these values is stopped; 0: it is not.
struct Runner {
  Space space = float_space();
  std::unique_ptr<Strategy> strategy;
  Runner(const std::string& name, const Json& options, bool maximize = false) {
    StrategyContext context;
    context.sampler = sampler_for("random", space, 1);
    context.trials = 1000;
    context.max_steps = 10;
    context.options = options;
    context.maximize = maximize;
    strategy = make_strategy(name, std::move(context));
  }
  int operator()(const std::vector<double>& values) {
    const int number = std::get<Start>(strategy->ask()).number;
    double best = INFINITY;
    for (int step = 1; step <= static_cast<int>(values.size()); ++step) {
      const double value = values[static_cast<std::size_t>(step) - 1];
      best = std::min(best, value);
      if (strategy->report(number, {step, value}) != Verdict::stop) continue;
      strategy->tell(number, {Outcome::stopped, best, step});
      return step;
    }
    strategy->tell(number, {Outcome::completed, best, static_cast<int>(values.size())});
    return 0;
  }
};

std::vector<double> flat(double value) { return std::vector<double>(10, value); }

}  // namespace

TEST_CASE("percentile: only the best part of what completed trials had at that step goes on") {
  Runner run("percentile", {{"percentile", 25}, {"startup", 5}, {"min_steps", 2}});
  for (const double value : {1.0, 2.0, 3.0, 4.0, 5.0}) CHECK(run(flat(value)) == 0);
  CHECK(run(flat(2.1)) == 3);  // the quarter's end is 2; the first step past min_steps
  CHECK(run(flat(2.0)) == 0);
  std::vector<double> late = flat(9);
  late[1] = 1.5;  // its best counts
  CHECK(run(late) == 0);
  CHECK_THROWS_AS(Runner("percentile", {{"percentile", 0}}), UsageError);
  CHECK_THROWS_AS(Runner("median", {{"percentile", 50}}), UsageError);
}

TEST_CASE("percentile: at 50 it is the median rule") {
  Runner percentile("percentile", {{"percentile", 50}}), median("median", Json::object());
  for_seeds(1, [&](Rng& rng) {
    for (int i = 0; i < 60; ++i) {
      std::vector<double> values;
      for (int k = 0; k < 10; ++k) values.push_back(rng.normal());
      CHECK(percentile(values) == median(values));
    }
  });
}

TEST_CASE("patience: a trial stops when it has not improved by min_delta for so many steps") {
  Runner run("patience", {{"patience", 3}, {"min_delta", 0.1}});
  CHECK(run({9, 8, 7, 6, 5, 4, 3, 2, 1, 0}) == 0);
  CHECK(run({5, 4, 4, 4, 4, 4, 4, 4, 4, 4}) == 5);           // improved last at step 2
  CHECK(run({5, 4, 3.95, 3.93, 3.91, 1, 1, 1, 1, 1}) == 5);  // too little
  CHECK(run({5, 4, 4, 3.8, 4, 4, 3.6, 4, 4, 3}) == 0);
  CHECK(run({NAN, NAN, NAN, 1, 1, 1, 1, 1, 1, 1}) == 3);
  Runner later("patience", {{"patience", 3}, {"min_steps", 8}});
  CHECK(later(flat(1)) == 8);
}

TEST_CASE("threshold: in the metric's own direction, from min_steps on") {
  Runner run("threshold", {{"worse_than", 2.0}, {"min_steps", 3}});
  CHECK(run(flat(2)) == 0);
  CHECK(run(flat(2.5)) == 3);
  CHECK(run({9, 9, 1, 1, 1, 1, 1, 1, 9, 1}) == 9);
  CHECK(run({1, 1, 1, 1, NAN, 1, 1, 1, 1, 1}) == 5);
  Runner accuracy("threshold", {{"worse_than", 0.5}}, true);  // values are minimised: -accuracy
  CHECK(accuracy(flat(-0.6)) == 0);
  CHECK(accuracy(flat(-0.4)) == 1);
  CHECK_THROWS_WITH_AS(Runner("threshold", Json::object()), doctest::Contains("worse_than"),
                       UsageError);
}

TEST_CASE("nan_sentinel: stops at the first value that is no number") {
  Runner run("nan_sentinel", Json::object());
  CHECK(run({9, 1, 1e300, -1e300, 0, 0, 0, 0, 0, 0}) == 0);
  CHECK(run({1, 1, NAN, 1, 1, 1, 1, 1, 1, 1}) == 3);
  CHECK(run({1, INFINITY, 1, 1, 1, 1, 1, 1, 1, 1}) == 2);
}
