#include "search/samplers/auto.h"

#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

TEST_CASE("auto: the sampler follows from what is searched") {
  const Space floats = float_space(), few = small_space(), conditional = conditional_space();
  const auto choice_for = [](const Space& space, int budget, int objectives = 1) {
    SamplerContext context;
    context.space = &space;
    context.budget = budget;
    context.objectives = objectives;
    return automatic_choice(context);
  };
  CHECK(choice_for(floats, 100) == "gp");
  CHECK(choice_for(floats, 0) == "gp");
  CHECK(choice_for(few, 9) == "grid");
  CHECK(choice_for(few, 3) == "gp");
  CHECK(choice_for(floats, 2001) == "cmaes");
  CHECK(choice_for(conditional, 2001) == "tpe");
  CHECK(choice_for(floats, 500, 2) == "gp");
  CHECK(choice_for(floats, 501, 2) == "nsga2");
  CHECK(choice_for(floats, 0, 2) == "nsga2");
  CHECK(choice_for(floats, 100, 5) == "nsga2");
}
