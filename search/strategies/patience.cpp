#include "search/strategies/patience.h"

#include <climits>
#include <cmath>
#include <limits>

#include "search/options.h"
#include "search/trial_book.h"

namespace vernier::search {
namespace {

class Patience final : public TrialBook {
 public:
  Patience(StrategyContext context, int patience, double min_delta, int min_steps)
      : TrialBook(std::move(context)),
        patience_(patience),
        min_delta_(min_delta),
        min_steps_(min_steps) {}

 private:
  int decision_after(int, int step) const override {
    return step + 1 < max_steps() ? step + 1 : INT_MAX;
  }

  Verdict decide(int, const Trial& trial) override {
    double best = std::numeric_limits<double>::infinity();
    int improved = 0;
    for (const Report& report : trial.decisions) {
      const double value = comparable(report.value);
      if (!(value < best - (std::isinf(best) ? 0 : min_delta_))) continue;
      best = value;
      improved = report.step;
    }
    const int step = trial.decisions.back().step;
    return step >= min_steps_ && step - improved >= patience_ ? Verdict::stop : Verdict::proceed;
  }

  int patience_;
  double min_delta_;
  int min_steps_;
};

}  // namespace

std::unique_ptr<Strategy> make_patience(StrategyContext context) {
  Options options("strategy patience", context.options);
  const int patience = options.integer("patience", 5, 1, 1000000000);
  const double min_delta = options.number("min_delta", 0, 0, 1e300);
  const int min_steps = options.integer("min_steps", 1, 0, 1000000000);
  options.finish();
  return std::make_unique<Patience>(std::move(context), patience, min_delta, min_steps);
}

}  // namespace vernier::search
