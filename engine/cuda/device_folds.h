// Trials with `data.folds: k` on a GPU: a cohort for each fold with that fold's data, a trial the lane of one number in all of them.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/cohort/folds.h"
#include "engine/cuda/device_cohort.h"

namespace vernier::engine::cuda {

class DeviceFolds final : public Cohort {
 public:
  /// One cohort a fold, all of the same number of lanes.
  DeviceFolds(std::vector<std::unique_ptr<DeviceCohort>> folds, std::string device_kind)
      : folds_(std::move(folds)), device_kind_(std::move(device_kind)) {}

  int admit(const TrialSettings& settings, const Checkpoint* from) override;
  void hold(int lane, bool held) override;
  std::vector<MetricRow> advance(const std::atomic<bool>& cancel,
                                 const std::function<void()>& heartbeat) override;
  Checkpoint save(int lane) const override;
  Checkpoint save_best(int lane) const override;
  std::string weights_hash(int lane) const override;
  Metrics test(int lane) override;
  void retire(int lane) override;

 private:
  const FoldRows& rows(int lane) const;

  std::vector<std::unique_ptr<DeviceCohort>> folds_;
  std::string device_kind_;
  std::map<int, FoldRows> rows_;  // of each lane that is taken
};

}  // namespace vernier::engine::cuda
