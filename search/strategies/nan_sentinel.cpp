#include "search/strategies/nan_sentinel.h"

#include <climits>
#include <cmath>

#include "search/options.h"
#include "search/trial_book.h"

namespace vernier::search {
namespace {

class NanSentinel final : public TrialBook {
 public:
  explicit NanSentinel(StrategyContext context) : TrialBook(std::move(context)) {}

 private:
  int decision_after(int, int step) const override {
    return step + 1 < max_steps() ? step + 1 : INT_MAX;
  }
  Verdict decide(int, const Trial& trial) override {
    return std::isfinite(trial.decisions.back().value) ? Verdict::proceed : Verdict::stop;
  }
};

}  // namespace

std::unique_ptr<Strategy> make_nan_sentinel(StrategyContext context) {
  Options("strategy nan_sentinel", context.options).finish();
  return std::make_unique<NanSentinel>(std::move(context));
}

}  // namespace vernier::search
