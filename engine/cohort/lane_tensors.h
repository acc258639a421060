// The numbers of one lane that outlive an update, in host memory as its plan lays out their regions: how they begin, are saved and restored,
// whatever back end computes the lane.
#pragma once
#include <span>
#include <string>

#include "engine/cohort/progress.h"
#include "engine/cohort/recipe.h"
#include "engine/engine.h"
#include "engine/plan/plan.h"

namespace vernier::engine {

/// A region each; null where the plan has none. best: parameters, then statistics.
struct LaneMemory {
  float* parameter = nullptr;
  float* state[3] = {};
  float* average = nullptr;
  float* best = nullptr;
  float* statistic = nullptr;
};

class LaneTensors {
 public:
  /// All outlive it.
  LaneTensors(const Recipe& recipe, const Plan& plan, LaneMemory memory)
      : recipe_(recipe), plan_(plan), memory_(memory) {}

  /// Fresh weights, or continued from `from`: a lane's checkpoint, or weights alone (then only for testing and saving, or, with
  /// from->start, to start a training). Throws UsageError.
  void begin(const Checkpoint* from, Progress& progress);

  Checkpoint save(const Progress& progress, const std::string& device_kind) const;
  Checkpoint save_best(const Progress& progress, const std::string& device_kind) const;
  std::string weights_hash() const;

  /// The averaged ones where there are such.
  Weights current() const;
  /// Of the best step, where there is one and it is kept.
  Weights best(const Progress& progress) const;

 private:
  void initialise();
  void restore(const Checkpoint& from, Progress& progress);
  void start_with(const Checkpoint& from);
  /// Every tensor of a region, as `prefix`/name. F: void(tensor, name, span).
  template <class F>
  void each_tensor(Role role, const std::string& prefix, float* base, F&& visit) const;

  const Recipe& recipe_;
  const Plan& plan_;
  LaneMemory memory_;
};

template <class F>
void LaneTensors::each_tensor(Role role, const std::string& prefix, float* base, F&& visit) const {
  for (std::size_t i = 0; i < plan_.graph.tensors.size(); ++i) {
    const Tensor& tensor = plan_.graph.tensors[i];
    if (tensor.role != role) continue;
    visit(tensor, prefix + tensor.name,
          std::span<float>(base + plan_.training[i] / sizeof(float), elements(tensor.shape)));
  }
}

}  // namespace vernier::engine
