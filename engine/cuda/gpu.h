// One GPU of this process, with the data sets that lie on it.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/cuda/device.h"
#include "engine/cuda/resident.h"
#include "engine/engine.h"

namespace vernier::engine::cuda {

/// Opened when it is first used. Its cohorts must end before it.
class Gpu {
 public:
  Gpu(DeviceInfo info, std::function<std::unique_ptr<Device>()> open)
      : info_(std::move(info)), open_(std::move(open)) {}
  const DeviceInfo& info() const { return info_; }
  /// What another process has measured: that of this one counts what both hold.
  void set_memory(std::size_t bytes) { info_.memory = bytes; }
  /// Throws DeviceError where it fails or has not the memory, UsageError as DeviceCohort.
  std::unique_ptr<Cohort> make_cohort(const TrialSettings& settings,
                                      std::shared_ptr<const Dataset> data, int lanes);
  /// `folds`: the data of each fold, or the one data set.
  std::unique_ptr<Cohort> make_cohort(const TrialSettings& settings,
                                      const std::vector<std::shared_ptr<const Dataset>>& folds,
                                      int lanes);

 private:
  std::shared_ptr<const ResidentData> resident(const std::shared_ptr<const Dataset>& data);

  DeviceInfo info_;
  std::function<std::unique_ptr<Device>()> open_;
  std::mutex mutex_;
  std::unique_ptr<Device> device_;
  // Each as long as a cohort trains on it, the last one longer.
  std::map<std::weak_ptr<const Dataset>, std::weak_ptr<const ResidentData>, std::owner_less<>>
      data_;
  std::shared_ptr<const ResidentData> last_;
};

/// Those that the CUDA module finds; none where there is no module, driver or device (inspect_cuda() says why). `only`: that one alone, and
/// nothing is asked of the others: a process that asks for a GPU's memory holds some of it from then on.
std::vector<std::unique_ptr<Gpu>> module_gpus(std::optional<int> only = {});

}  // namespace vernier::engine::cuda
