#include "search/strategies/median.h"

#include "search/strategies/percentile.h"

namespace vernier::search {

std::unique_ptr<Strategy> make_median(StrategyContext context) {
  return make_percentile_rule("median", 50, std::move(context));
}

}  // namespace vernier::search
