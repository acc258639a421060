#include "search/strategies/percentile.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <map>

#include "search/options.h"
#include "search/trial_book.h"

namespace vernier::search {
namespace {

class Percentile final : public TrialBook {
 public:
  Percentile(StrategyContext context, double percent, int startup, int min_steps)
      : TrialBook(std::move(context)),
        share_(percent / 100),
        startup_(startup),
        min_steps_(min_steps) {}

 private:
  // Also before a stop is possible: what is reported at decision steps is what a replay brings back.
  int decision_after(int, int step) const override {
    return step + 1 < max_steps() ? step + 1 : INT_MAX;
  }

  Verdict decide(int, const Trial& trial) override {
    const int step = trial.decisions.back().step;
    if (step <= min_steps_) return Verdict::proceed;
    const std::vector<double>& others = completed_at(step);
    if (static_cast<int>(others.size()) < startup_) return Verdict::proceed;
    double best = comparable(trial.decisions.front().value);
    for (const Report& report : trial.decisions) best = std::min(best, comparable(report.value));
    return best > cut(others) ? Verdict::stop : Verdict::proceed;
  }

  void ended(int number, const Trial& trial) override {
    if (observation(trial).outcome == Outcome::completed) completed_.push_back(number);
  }

  /// Values at `step` of the completed trials that had one by then, in order.
  const std::vector<double>& completed_at(int step) {
    Column& column = columns_[step];
    for (; column.seen < completed_.size(); ++column.seen) {
      const std::vector<Report>& reports = trial(completed_[column.seen]).decisions;
      const auto later =
          std::upper_bound(reports.begin(), reports.end(), step,
                           [](int s, const Report& report) { return s < report.step; });
      if (later == reports.begin()) continue;
      const double value = comparable(std::prev(later)->value);
      auto& values = column.values;
      values.insert(std::upper_bound(values.begin(), values.end(), value), value);
    }
    return column.values;
  }

  double cut(const std::vector<double>& values) const {
    const double place = share_ * static_cast<double>(values.size() - 1), below = std::floor(place);
    const double low = values[static_cast<std::size_t>(below)];
    if (place == below) return low;
    const double high = values[static_cast<std::size_t>(below) + 1];
    return std::isinf(high) ? high : low + (place - below) * (high - low);
  }

  struct Column {
    std::size_t seen = 0;  // of completed_
    std::vector<double> values;
  };

  double share_;
  int startup_, min_steps_;
  std::vector<int> completed_;
  std::map<int, Column> columns_;  // by step
};

std::unique_ptr<Strategy> make(Options& options, double percent, StrategyContext context) {
  const int startup = options.integer("startup", 5, 1, 1000000);
  const int min_steps = options.integer("min_steps", 1, 0, 1000000000);
  options.finish();
  return std::make_unique<Percentile>(std::move(context), percent, startup, min_steps);
}

}  // namespace

std::unique_ptr<Strategy> make_percentile(StrategyContext context) {
  Options options("strategy percentile", context.options);
  const double percent = options.number("percentile", 25, 0.01, 99.99);
  return make(options, percent, std::move(context));
}

std::unique_ptr<Strategy> make_percentile_rule(const std::string& strategy, double percent,
                                               StrategyContext context) {
  Options options("strategy " + strategy, context.options);
  return make(options, percent, std::move(context));
}

}  // namespace vernier::search
