#include "engine/cohort/progress.h"

#include <array>
#include <cmath>

#include "core/error.h"

namespace vernier::engine {

bool Progress::observe(const Recipe& recipe, double value) {
  if (recipe.schedule.type == Schedule::plateau && !recipe.metric.empty()) {
    vernier::engine::observe(recipe.schedule, recipe.maximize, value, plateau);
  }
  const auto above = [&](double than, double margin) {
    return recipe.maximize ? value > than + margin : value < than - margin;
  };
  const bool better =
      !recipe.metric.empty() && !std::isnan(value) && (best_step == 0 || above(best, 0));
  if (better) {
    best = value;
    best_step = step;
  }
  if (reference_step == 0 ? !std::isnan(value) : above(reference, recipe.early_stop.min_delta)) {
    reference = value;
    reference_step = step;
  }
  ended = step >= recipe.steps();
  if (!ended && recipe.early_stop.patience > 0 && !recipe.metric.empty() &&
      step - reference_step >= recipe.early_stop.patience) {
    ended = early = true;
  }
  return better;
}

void Progress::save(CheckpointWriter& writer) const {
  const std::array<std::int64_t, 10> counters{
      step,           update, clock.updates, plateau.bad_steps, plateau.seen, best_step,
      reference_step, ended,  early,         diverged};
  const std::array<double, 5> numbers{clock.mu_product, plateau.best, plateau.factor, best,
                                      reference};
  writer.add("counters", counters);
  writer.add("numbers", numbers);
}

Progress Progress::load(const CheckpointReader& reader) {
  const auto c = reader.integers("counters", 10);
  const auto n = reader.numbers("numbers", 5);
  constexpr std::int64_t limit = std::int64_t{1} << 30;
  for (std::size_t i : {0u, 3u, 4u, 5u, 6u}) {
    if (c[i] < 0 || c[i] > limit) fail<UsageError>("[checkpoint] counter {} is {}", i, c[i]);
  }
  if (c[1] < 0 || c[2] < 0) fail<UsageError>("[checkpoint] {} updates", c[1]);
  Progress p;
  p.step = static_cast<int>(c[0]);
  p.update = c[1];
  p.clock = {c[2], n[0]};
  p.plateau.best = n[1];
  p.plateau.factor = n[2];
  p.plateau.bad_steps = static_cast<std::int32_t>(c[3]);
  p.plateau.seen = static_cast<std::int32_t>(c[4]);
  p.best_step = static_cast<int>(c[5]);
  p.best = n[3];
  p.reference_step = static_cast<int>(c[6]);
  p.reference = n[4];
  p.ended = c[7] != 0;
  p.early = c[8] != 0;
  p.diverged = c[9] != 0;
  return p;
}

}  // namespace vernier::engine
