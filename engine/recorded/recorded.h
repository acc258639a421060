// What a training leaves on request beside its usual metrics (train.record): more metrics of every step, and pictures of some steps. All of
// it is a function of weights and data, so that a step trained again leaves the same bytes.
//
// Examples are those of the validation part, weights those that were validated (averaged ones with EMA). Of several folds the metrics are
// means and the pictures those of the first. The forms of the pictures: store/FORMAT.md, "Artifacts".
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/cohort/recipe.h"
#include "engine/engine.h"
#include "engine/plan/plan.h"

namespace vernier::engine {

/// What is known of a training before it starts.
struct Subject {
  const Architecture& net;
  const std::vector<std::string>& frozen;
  const DataShape& data;
};

/// What a lane shows when a step is over. Of its lane, and valid until it trains on.
struct Scene {
  using Visit = std::function<void(const std::string& layer, std::span<const float>)>;

  const Recipe* recipe = nullptr;
  const Dataset* data = nullptr;
  const Plan* plan = nullptr;
  /// Laid out as plan->training says.
  std::function<const float*()> parameters;
  std::vector<double> gradient_norms;  // by learning_layers(): means over the step's updates
  bool diverged = false;               // nothing was evaluated
  /// (n, outputs) of a part, before the loss's own softmax or sigmoid; only x and n are read.
  std::function<std::vector<float>(const Part&)> outputs;
  /// Of the first validation examples: Runner::activations.
  std::function<void(const Visit&)> activations;

  /// outputs(data->valid), computed once.
  const std::vector<float>& valid_outputs() const;
  /// A parameter tensor's values; its place in plan->graph.tensors.
  std::span<const float> values(std::size_t tensor) const;

 private:
  mutable std::vector<float> valid_outputs_;
};

struct Recording {
  /// Why it has no effect on such a training, after "[train.record] NAME: "; empty where it has one.
  std::string (*misfit)(const Subject&) = nullptr;
  /// Metrics of every step, and their values in the same order; a NaN where there is none.
  std::vector<std::string> (*metric_names)(const Subject&) = nullptr;
  std::vector<double> (*measure)(const Scene&) = nullptr;
  /// What its metrics begin with, separated by spaces: "grad_norm" of grad_norm.LAYER.
  const char* metrics = "";
  /// Pictures of a step.
  std::vector<Recorded> (*keep)(const Scene&) = nullptr;
};

#define RECORDING(name, summary) Recording name##_recording();
#include "engine/recorded/recorded.def"
#undef RECORDING

/// Of the kinds that its recipe names: their metrics, behind the row's own results, and their pictures.
void add_recorded_metrics(const Scene& scene, MetricRow& row);
void keep_pictures(const Scene& scene, MetricRow& row);

/// By a name of recordings().
Recording find_recording(const std::string& name);
/// Whether train.record.every spaces it: it keeps pictures.
bool is_spaced(const std::string& name);
/// What the metrics of all kinds begin with.
std::vector<std::string> recorded_metrics();
/// What is wrong with the first kind that has no effect, "[train.record] ..."; empty where all have one.
std::string record_misfit(const RecordSettings& settings, const Subject& subject);
/// The kinds that have an effect, for Recipe. `steps`: of a full training.
RecordRule make_record_rule(const RecordSettings& settings, const Subject& subject, int steps);

}  // namespace vernier::engine
