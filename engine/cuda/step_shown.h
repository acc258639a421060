// What lanes show when a step is over (train.record), brought to the host when it is asked for: the network runs again on the device, over the
// validation part once for all lanes that record. What is made of it is engine/recorded's, as on the CPU.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/cuda/device.h"
#include "engine/cuda/host_copy.h"
#include "engine/cuda/lane_places.h"
#include "engine/cuda/layout.h"
#include "engine/cuda/resident.h"
#include "engine/recorded/recorded.h"

namespace vernier::engine::cuda {

class StepShown {
 public:
  /// `lanes`: those that record. `norms`: whether layout.layer_norms are the step's. `valid` is `data`'s on the device. All outlive it.
  StepShown(Device& device, const Layout& layout, const LanePlaces& places, const Dataset& data,
            const ResidentPart& valid, std::vector<int> lanes, bool norms);
  StepShown(const StepShown&) = delete;

  /// Of one of the lanes, behind `updates` updates; until the next call. `plan`: its own, of its own widths. Both outlive the scene.
  Scene scene(int lane, const Recipe& recipe, const Plan& plan, std::int64_t updates,
              bool diverged);

 private:
  std::vector<float> outputs(int lane, const Part& part);
  std::vector<float> valid_outputs(int lane);
  void activations(int lane, const Plan& own, const Scene::Visit& visit) const;

  Device& device_;
  const Layout& layout_;
  const LanePlaces& places_;
  const Dataset& data_;
  const ResidentPart& valid_;
  LaneRange range_;                                // of the lanes that record
  std::vector<double> norms_;                      // (places of the range, layers)
  std::vector<std::vector<float>> valid_outputs_;  // by place in the range; empty: not asked for
  std::unique_ptr<HostCopy> copy_;                 // of the scene's lane; null: not asked for
};

}  // namespace vernier::engine::cuda
