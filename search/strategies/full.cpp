#include "search/strategies/full.h"

#include <climits>

#include "search/options.h"
#include "search/trial_book.h"

namespace vernier::search {
namespace {

class Full final : public TrialBook {
 public:
  explicit Full(StrategyContext context) : TrialBook(std::move(context)) {}

 private:
  int decision_after(int, int) const override { return INT_MAX; }
  Verdict decide(int, const Trial&) override { return Verdict::proceed; }
};

}  // namespace

std::unique_ptr<Strategy> make_full(StrategyContext context) {
  Options("strategy full", context.options).finish();
  return std::make_unique<Full>(std::move(context));
}

}  // namespace vernier::search
