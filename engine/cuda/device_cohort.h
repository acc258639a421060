// Lanes on a GPU: an update of all of them is one replayed recording, and the host waits once a step (and now and then to see whether it is
// to stop). What a lane is beside its numbers is kept on the host.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/cohort/lane_tensors.h"
#include "engine/cohort/measure.h"
#include "engine/cuda/device.h"
#include "engine/cuda/host_copy.h"
#include "engine/cuda/lane_places.h"
#include "engine/cuda/layout.h"
#include "engine/cuda/resident.h"
#include "engine/cuda/step_shown.h"
#include "engine/cuda/updates.h"
#include "engine/engine.h"

namespace vernier::engine::cuda {

/// Every method throws DeviceError where the device fails; the cohort is then only good for its end.
class DeviceCohort final : public Cohort {
 public:
  /// Room for `lanes` trials with the key of `settings`. `resident` is `data` on `device`; both are shared by the device's cohorts and must
  /// live as long as any: hence the shared_ptr. `device` outlives it. Throws UsageError for what cannot_train() names.
  DeviceCohort(const TrialSettings& settings, std::shared_ptr<const Dataset> data,
               std::shared_ptr<const ResidentData> resident, Device& device,
               std::string device_kind, int lanes);
  ~DeviceCohort() override;

  /// As Cohort::admit; a lane must be free.
  int admit(const TrialSettings& settings, const Checkpoint* from) override;
  void hold(int lane, bool held) override;
  /// Timings are of all lanes together: an update of the cohort takes `update_us`.
  std::vector<MetricRow> advance(const std::atomic<bool>& cancel,
                                 const std::function<void()>& heartbeat) override;
  Checkpoint save(int lane) const override;
  Checkpoint save_best(int lane) const override;
  std::string weights_hash(int lane) const override;
  Metrics test(int lane) override;
  void retire(int lane) override;

  int free_lanes() const;
  std::size_t bytes() const { return layout_.bytes; }

 private:
  struct Lane;
  Lane& lane(int number) const;
  std::unique_ptr<HostCopy> download(int number) const;
  void mark_real(Lane& lane, int number) const;
  std::vector<bool> training() const;
  LaneState begin_lane(Lane& lane, OptimizerStep<float>* coefficients) const;
  std::int64_t begin_step(const Updates::Kind& kind, const std::vector<bool>& trains);
  std::vector<LaneSums> evaluate(const ResidentPart& part, LaneRange places,
                                 const Region& parameters, const Region& statistics) const;
  MetricRow close_lane(int number, const LaneState& state, const LaneSums& sums, StepShown* shown);
  void keep_best(int number) const;

  std::shared_ptr<const Dataset> data_;
  std::shared_ptr<const ResidentData> resident_;
  Device& device_;
  std::string device_kind_, key_;
  Layout layout_;
  LanePlaces places_;
  Updates updates_;
  std::vector<std::unique_ptr<Lane>> lanes_;  // null: free
};

}  // namespace vernier::engine::cuda
