#include "engine/predict.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "engine/cohort/cpu_lane.h"
#include "engine/data/move.h"
#include "engine/data/prepare.h"
#include "engine/data/unseen.h"

namespace vernier::engine {
namespace {

/// In place: scores of one example to what the loss takes them for.
void to_probabilities(Loss loss, std::span<double> scores) {
  if (loss == Loss::binary_cross_entropy) {
    for (double& s : scores) s = 1 / (1 + std::exp(-s));
  } else if (loss == Loss::cross_entropy) {
    const double most = *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    for (double& s : scores) sum += s = std::exp(s - most);
    for (double& s : scores) s /= sum;
  }
}

}  // namespace

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
    predictions.classes = data.class_names;
    for (int c = static_cast<int>(predictions.classes.size()); c < data.classes; ++c)
      predictions.classes.push_back(std::to_string(c));
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
