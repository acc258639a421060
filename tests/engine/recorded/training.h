// A training that records, beside the double oracle with the same weights.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "engine/cohort/checkpoint.h"
#include "engine/cohort/cpu_cohort.h"
#include "engine/ir/graph.h"
#include "engine/recorded/recorded.h"
#include "tests/engine/engine_support.h"

namespace vernier::engine::testing {

inline const std::atomic<bool> go{false};

/// A cohort of one lane, whose weights can be read at any time.
struct Training {
  Training(const TrialSettings& settings, const Dataset& dataset)
      : data(std::make_shared<const Dataset>(dataset)),
        recipe(make_recipe(settings, shape_of(dataset), null_log())),
        cohort(settings, data, "k") {
    cohort.admit(settings, nullptr);
  }
  MetricRow step() { return cohort.advance(go, {}).at(0); }
  reference::NamedTensors weights() const {
    const Checkpoint saved = cohort.save(0);
    const CheckpointReader reader(saved.bytes);
    reference::NamedTensors all;
    for (const Tensor& tensor : build_graph(recipe.architecture).tensors) {
      if (tensor.role == Role::value) continue;
      std::vector<float> values(elements(tensor.shape));
      reader.read("weights/" + tensor.name, values, {tensor.shape.begin(), tensor.shape.end()});
      all[tensor.name].assign(values.begin(), values.end());
    }
    return all;
  }
  reference::Result run(const Part& part, bool training) const {
    reference::Batch batch;
    batch.rows = part.n;
    batch.x.assign(part.x.begin(), part.x.end());
    batch.labels = part.labels;
    batch.targets.assign(part.targets.begin(), part.targets.end());
    if (part.labels.empty() && part.targets.empty())
      batch.targets.assign(static_cast<std::size_t>(part.n * data->outputs), 0);
    batch.loss = recipe.loss;
    batch.training = training;
    return reference::run(recipe.architecture, weights(), batch);
  }

  std::shared_ptr<const Dataset> data;
  Recipe recipe;
  CpuCohort cohort;
};

inline TrialSettings settings(std::vector<std::string> kinds) {
  TrialSettings s;
  s.model.widths = {9, 7};
  s.model.activation = "tanh";
  s.train.lr = 0.05;
  s.train.epochs = 4;
  s.train.batch_size = 10;
  s.train.record.kinds = std::move(kinds);
  s.train.record.every = 1;
  s.seed = 5;
  return s;
}

}  // namespace vernier::engine::testing
