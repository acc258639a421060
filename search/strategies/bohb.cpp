#include "search/strategies/bohb.h"

#include "search/strategies/hyperband.h"

namespace vernier::search {

std::unique_ptr<Strategy> make_bohb(StrategyContext context) {
  return make_hyperband_named("bohb", std::move(context));
}

}  // namespace vernier::search
