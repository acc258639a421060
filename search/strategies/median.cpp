#include "search/strategies/median.h"

#include <algorithm>
#include <climits>

#include "search/options.h"
#include "search/trial_book.h"

namespace vernier::search {
namespace {

class Median final : public TrialBook {
 public:
  Median(StrategyContext context, int startup, int min_steps)
      : TrialBook(std::move(context)), startup_(startup), min_steps_(min_steps) {}

 private:
  // Also before a stop is possible: what is reported at decision steps is what a replay brings back.
  int decision_after(int step) const override {
    return step + 1 < max_steps() ? step + 1 : INT_MAX;
  }

  Verdict decide(int, const Trial& trial) override {
    const int step = trial.decisions.back().step;
    if (step <= min_steps_) return Verdict::proceed;
    std::vector<double> others;
    for (const auto& [number, other] : book())
      if (observation(other).outcome == Outcome::completed) add_value_at(other, step, others);
    if (static_cast<int>(others.size()) < startup_) return Verdict::proceed;
    double best = comparable(trial.decisions.front().value);
    for (const Report& report : trial.decisions) best = std::min(best, comparable(report.value));
    return best > middle(others) ? Verdict::stop : Verdict::proceed;
  }

  static void add_value_at(const Trial& trial, int step, std::vector<double>& values) {
    const auto later =
        std::upper_bound(trial.decisions.begin(), trial.decisions.end(), step,
                         [](int s, const Report& report) { return s < report.step; });
    if (later != trial.decisions.begin()) values.push_back(comparable(std::prev(later)->value));
  }

  static double middle(std::vector<double>& values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
  }

  int startup_, min_steps_;
};

}  // namespace

std::unique_ptr<Strategy> make_median(StrategyContext context) {
  Options options("strategy median", context.options);
  const int startup = options.integer("startup", 5, 1, 1000000);
  const int min_steps = options.integer("min_steps", 1, 0, 1000000000);
  options.finish();
  return std::make_unique<Median>(std::move(context), startup, min_steps);
}

}  // namespace vernier::search
