// What a lane records on request (train.record).
#include <algorithm>
#include <cmath>

#include "engine/cohort/cpu_lane.h"
#include "engine/cohort/transfer.h"

namespace vernier::engine {

void CpuLane::find_layers() {
  const auto& kinds = recipe_.record.kinds;
  if (std::find(kinds.begin(), kinds.end(), "gradients") == kinds.end()) return;
  const std::vector<std::string> names = learning_layers(recipe_.architecture, recipe_.frozen);
  layers_.resize(names.size());
  gradient_norms_.resize(names.size());
  for (std::size_t i = 0; i < plan_.graph.tensors.size(); ++i) {
    const Tensor& tensor = plan_.graph.tensors[i];
    if (tensor.role != Role::parameter) continue;
    const auto layer = std::find(names.begin(), names.end(), layer_of(tensor.name));
    if (layer == names.end()) continue;
    layers_[static_cast<std::size_t>(layer - names.begin())].emplace_back(
        plan_.training[i] / sizeof(float), elements(tensor.shape));
  }
}

void CpuLane::add_gradient_norms() {
  const float* gradients = region(plan_.gradient);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    double squares = 0;
    for (const auto& [begin, count] : layers_[i])
      squares += cpu::sum_of_squares(gradients + begin, count);
    gradient_norms_[i] += std::sqrt(squares);
  }
}

Scene CpuLane::scene(std::int64_t updates) const {
  Scene scene;
  scene.recipe = &recipe_;
  scene.data = &data_;
  scene.plan = &plan_;
  scene.parameters = tensors().current().parameters;
  scene.diverged = progress_.diverged;
  for (const double sum : gradient_norms_)
    scene.gradient_norms.push_back(sum / static_cast<double>(updates));
  scene.outputs = [this](const Part& part) { return runner_.outputs(part, tensors().current()); };
  scene.activations = [this](const Scene::Visit& visit) {
    runner_.activations(data_.valid, tensors().current(), visit);
  };
  return scene;
}

void CpuLane::add_recorded_metrics(const Scene& scene, MetricRow& row) const {
  auto name = recipe_.record.metrics.begin();
  for (const std::string& kind : recipe_.record.kinds) {
    const Recording recording = find_recording(kind);
    if (recording.measure == nullptr) continue;
    for (const double value : recording.measure(scene)) row.results.emplace_back(*name++, value);
  }
}

void CpuLane::keep_pictures(const Scene& scene, MetricRow& row) const {
  for (const std::string& kind : recipe_.record.kinds) {
    const Recording recording = find_recording(kind);
    if (recording.keep == nullptr) continue;
    for (Recorded& picture : recording.keep(scene)) row.recorded.push_back(std::move(picture));
  }
}

}  // namespace vernier::engine
