// What a lane records on request (train.record).
#include <cmath>

#include "engine/cohort/cpu_lane.h"

namespace vernier::engine {

void CpuLane::add_gradient_norms() {
  const float* gradients = region(plan_.gradient);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    double squares = 0;
    for (const auto& [begin, end] : layers_[i])
      squares += cpu::sum_of_squares(gradients + begin, end - begin);
    gradient_norms_[i] += std::sqrt(squares);
  }
}

Scene CpuLane::scene(std::int64_t updates) const {
  Scene scene;
  scene.recipe = &recipe_;
  scene.data = &data_;
  scene.plan = &plan_;
  scene.parameters = [this] { return tensors().current().parameters; };
  scene.diverged = progress_.diverged;
  for (const double sum : gradient_norms_)
    scene.gradient_norms.push_back(sum / static_cast<double>(updates));
  scene.outputs = [this](const Part& part) { return runner_.outputs(part, tensors().current()); };
  scene.activations = [this](const Scene::Visit& visit) {
    runner_.activations(data_.valid, tensors().current(), visit);
  };
  return scene;
}

}  // namespace vernier::engine
