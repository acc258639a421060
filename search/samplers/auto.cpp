#include "search/samplers/auto.h"

#include <algorithm>

#include "search/options.h"

namespace vernier::search {
namespace {

constexpr int most_for_model = 2000;
// With several objectives: 500 trials cost the gp a second each, and nsga2 needs that many to begin with.
constexpr int most_for_front = 500, most_objectives = 4;

}  // namespace

std::string automatic_choice(const SamplerContext& context) {
  if (context.objectives > 1) {
    const bool few = context.budget > 0 && context.budget <= most_for_front;
    return few && context.objectives <= most_objectives ? "gp" : "nsga2";
  }
  const Space& space = *context.space;
  const auto points = space.cardinality();
  if (points && context.budget > 0 && *points <= context.budget) return "grid";
  if (context.budget <= most_for_model) return "gp";
  const auto& parameters = space.parameters();
  const bool ranges = std::all_of(parameters.begin(), parameters.end(), [](const Parameter& p) {
    const bool ordered = p.kind == Kind::float_ || p.kind == Kind::int_ || p.kind == Kind::ordinal;
    return (ordered || p.kind == Kind::constant) && !p.condition;
  });
  return ranges ? "cmaes" : "tpe";
}

std::unique_ptr<Sampler> make_auto(const SamplerContext& context) {
  Options("sampler auto", context.options).finish();
  SamplerContext chosen = context;
  chosen.options = Json::object();
  return make_sampler(automatic_choice(context), chosen);
}

}  // namespace vernier::search
