#include "engine/predict.h"

#include <algorithm>

#include "core/error.h"
#include "engine/cohort/cpu_lane.h"
#include "engine/data/move.h"
#include "engine/data/prepare.h"
#include "engine/data/unseen.h"
#include "engine/math/probabilities.h"

namespace vernier::engine {

Predictions predict(const TrialSettings& settings, const Checkpoint& weights,
                    const std::string& what, std::span<const std::filesystem::path> dirs,
                    const Log& log) {
  if (settings.data.folds > 0) {
    fail<UsageError>(
        "[data.folds] the trial has {} networks, one a fold; expected a study without folds",
        settings.data.folds);
  }
  const Dataset data = load_dataset(settings.data, dirs, log);
  Part unseen;
  const Part* part = what == "train"   ? &data.train
                     : what == "valid" ? &data.valid
                     : what == "test"  ? &data.test
                                       : nullptr;
  if (part == nullptr) {
    DataSettings plain = settings.data;
    plain.normalize = "none";
    const Dataset stored = load_dataset(plain, dirs, null_log());
    unseen.x = load_unseen(settings.data, what, data.shape, dirs);
    unseen.n = static_cast<int>(unseen.x.size() / static_cast<std::size_t>(data.features));
    if (settings.data.permute) permute_pixels(unseen.x, data.shape, settings.data.split_seed);
    fit_preparation(settings.data.normalize, stored.train.x, data.shape).apply(unseen.x);
    part = &unseen;
  }
  const Recipe recipe = make_recipe(settings, shape_of(data), null_log());
  const CpuLane lane(recipe, data, &weights);
  const std::vector<float> outputs = lane.outputs(*part);

  Predictions predictions;
  predictions.n = part->n;
  predictions.outputs = data.outputs;
  predictions.values.assign(outputs.begin(), outputs.end());
  predictions.truth.assign(part->labels.begin(), part->labels.end());
  predictions.targets.assign(part->targets.begin(), part->targets.end());
  const auto own_units = [&](double& x) { x = x * data.target_deviation + data.target_mean; };
  if (data.classes > 0) {
    predictions.classes = data.names_of_classes();
    const auto width = static_cast<std::size_t>(data.outputs);
    for (std::size_t i = 0; i < predictions.values.size(); i += width)
      to_probabilities(recipe.loss, std::span(predictions.values).subspan(i, width));
  } else {
    std::for_each(predictions.values.begin(), predictions.values.end(), own_units);
    std::for_each(predictions.targets.begin(), predictions.targets.end(), own_units);
  }
  return predictions;
}

}  // namespace vernier::engine
