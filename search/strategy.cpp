#include "search/strategy.h"

#include "core/error.h"
#include "core/text.h"
#include "search/options.h"
#include "search/strategies/asha.h"
#include "search/strategies/bohb.h"
#include "search/strategies/full.h"
#include "search/strategies/hyperband.h"
#include "search/strategies/median.h"
#include "search/strategies/nan_sentinel.h"
#include "search/strategies/patience.h"
#include "search/strategies/pbt.h"
#include "search/strategies/percentile.h"
#include "search/strategies/successive_halving.h"
#include "search/strategies/threshold.h"

namespace vernier::search {
namespace {

struct Entry {
  StrategyInfo info;
  std::unique_ptr<Strategy> (*make)(StrategyContext);
};

const std::vector<Entry>& table() {
  static const std::vector<Entry> entries = {
#define STRATEGY(name, summary, ...) {{#name, summary, {__VA_ARGS__}}, make_##name},
#include "search/strategies.def"
#undef STRATEGY
  };
  return entries;
}

/// The one option of every strategy: how many steps a trial has. Programs say it here, of a training it may be less than all.
void read_length(const std::string& name, StrategyContext& context) {
  if (!context.options.is_object() || !context.options.contains("max_steps")) return;
  Options options("strategy " + name, context.options);
  const int steps = options.integer("max_steps", context.max_steps, 1, 1000000000);
  if (context.max_steps > 1 && steps > context.max_steps)
    fail<UsageError>("[strategy {}] max_steps {}; expected at most the {} steps of a training",
                     name, steps, context.max_steps);
  context.max_steps = steps;
  context.options.erase("max_steps");
}

}  // namespace

std::span<const StrategyInfo> strategies() {
  static const std::vector<StrategyInfo> infos = [] {
    const std::string common =
        "max_steps: of a full training (all of them; required of a command, except with full)";
    std::vector<StrategyInfo> list;
    for (const Entry& entry : table()) {
      list.push_back(entry.info);
      list.back().options.push_back(common);
    }
    return list;
  }();
  return infos;
}

std::unique_ptr<Strategy> make_strategy(const std::string& name, StrategyContext context) {
  std::vector<std::string> names;
  for (const Entry& entry : table()) {
    if (entry.info.name == name) {
      read_length(name, context);
      return entry.make(std::move(context));
    }
    names.push_back(entry.info.name);
  }
  fail<UsageError>("[search] unknown strategy '{}'{}", name, hint(name, names));
}

bool pauses(const std::string& strategy) {
  return strategy == "asha" || strategy == "bohb" || strategy == "hyperband" || strategy == "pbt" ||
         strategy == "successive_halving";
}

std::string default_sampler(const std::string&) { return "gp"; }

}  // namespace vernier::search
