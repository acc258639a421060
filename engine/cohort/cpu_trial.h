// One trial of a CPU cohort: a lane, or with `data.folds: k` one lane a fold, whose rows become one.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/cohort/cpu_lane.h"
#include "engine/cohort/folds.h"

namespace vernier::engine {

class CpuTrial {
 public:
  /// `folds`: the data of each, one where there is no cross-validation; they outlive it. Throws UsageError.
  CpuTrial(const TrialSettings& settings, std::span<const std::shared_ptr<const Dataset>> folds,
           const Checkpoint* from);

  /// As CpuLane::advance; of several folds as FoldRows::merge().
  std::optional<MetricRow> advance(const std::atomic<bool>& cancel,
                                   const std::function<void()>& heartbeat);
  Checkpoint save(const std::string& device_kind) const;
  Checkpoint save_best(const std::string& device_kind) const;
  std::string weights_hash() const;
  Metrics test() const;
  const CpuLane& fold(std::size_t i) const { return *lanes_[i]; }

 private:
  std::vector<std::unique_ptr<CpuLane>> lanes_;
  FoldRows rows_;
};

}  // namespace vernier::engine
