#include "search/strategies/threshold.h"

#include <climits>

#include "core/error.h"
#include "search/options.h"
#include "search/trial_book.h"

namespace vernier::search {
namespace {

class Threshold final : public TrialBook {
 public:
  Threshold(StrategyContext context, double bound, int min_steps)
      : TrialBook(std::move(context)), bound_(bound), min_steps_(min_steps) {}

 private:
  int decision_after(int, int step) const override {
    return step + 1 < max_steps() ? step + 1 : INT_MAX;
  }
  Verdict decide(int, const Trial& trial) override {
    const Report& last = trial.decisions.back();
    const bool worse = last.step >= min_steps_ && comparable(last.value) > bound_;
    return worse ? Verdict::stop : Verdict::proceed;
  }

  double bound_;
  int min_steps_;
};

}  // namespace

std::unique_ptr<Strategy> make_threshold(StrategyContext context) {
  Options options("strategy threshold", context.options);
  const bool given = options.has("worse_than");
  const double bound = options.number("worse_than", 0, -1e300, 1e300);
  const int min_steps = options.integer("min_steps", 1, 0, 1000000000);
  options.finish();
  if (!given)
    fail<UsageError>(
        "[strategy threshold.worse_than] is missing; expected the value of the metric beyond which "
        "a trial stops");
  const double minimised = context.maximize ? -bound : bound;
  return std::make_unique<Threshold>(std::move(context), minimised, min_steps);
}

}  // namespace vernier::search
