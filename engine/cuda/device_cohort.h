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
#include "engine/cuda/layout.h"
#include "engine/cuda/resident.h"
#include "engine/cuda/runner.h"
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
  std::unique_ptr<Recording> record(int updates) const;
  std::int64_t begin_step();
  bool train(std::int64_t updates, const std::atomic<bool>& cancel,
             const std::function<void()>& heartbeat) const;
  void evaluate(const ResidentPart& part, const Region& parameters, const Region& statistics,
                std::vector<LaneSums>& sums) const;
  MetricRow close_lane(std::size_t i, const LaneState& state, const LaneSums& sums);
  std::byte* place(const Region& region, int number) const;

  std::shared_ptr<const Dataset> data_;
  std::shared_ptr<const ResidentData> resident_;
  Device& device_;
  std::string device_kind_, key_;
  Layout layout_;
  Memory memory_;
  Runner runner_;
  std::unique_ptr<Recording> once_, several_;
  std::vector<std::unique_ptr<Lane>> lanes_;  // null: free
};

}  // namespace vernier::engine::cuda
