#include "search/strategies/full.h"

#include <climits>

#include "tests/search/simulation.h"

using namespace vernier::search;
using namespace vernier::search::testing;

TEST_CASE(
    "full: trials train to the end without a decision; Wait while something runs, then Finished") {
  const Space space = float_space();
  StrategyContext context;
  context.sampler = sampler_for("random", space, 1);
  context.trials = 2;
  context.max_steps = 7;
  const auto strategy = make_full(std::move(context));
  const auto first = std::get<Start>(strategy->ask()), second = std::get<Start>(strategy->ask());
  CHECK(first.until == 7);
  CHECK(second.number == 2);
  CHECK(strategy->next_decision(1) == INT_MAX);
  CHECK(strategy->report(1, {1, 1e9}) == Verdict::proceed);
  CHECK(std::holds_alternative<Wait>(strategy->ask()));
  strategy->tell(1, {Outcome::completed, 1.0, 7});
  CHECK(std::holds_alternative<Wait>(strategy->ask()));
  strategy->tell(2, {Outcome::infeasible, {}, 0});
  CHECK(std::get<Finished>(strategy->ask()).why == "all trials done");
}
