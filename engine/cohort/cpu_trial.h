// One trial of a CPU cohort: a lane, or with `data.folds: k` one lane a fold, whose rows become one.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/cohort/cpu_lane.h"

namespace vernier::engine {

class CpuTrial {
 public:
  /// `folds`: the data of each, one where there is no cross-validation; they outlive it. Throws UsageError.
  CpuTrial(const TrialSettings& settings, std::span<const std::shared_ptr<const Dataset>> folds,
           const Checkpoint* from);

  /// As CpuLane::advance. Of several folds: results are their means, pictures those of the first, beside the half width of a 95 % interval for the mean of each
  /// validation metric (Student's t over the folds), "val_acc_margin". A fold that has ended counts with its last row; the trial ends with the
  /// last of them, and diverges with the first.
  std::optional<MetricRow> advance(const std::atomic<bool>& cancel,
                                   const std::function<void()>& heartbeat);
  Checkpoint save(const std::string& device_kind) const;
  Checkpoint save_best(const std::string& device_kind) const;
  std::string weights_hash() const;
  Metrics test() const;
  const CpuLane& fold(std::size_t i) const { return *lanes_[i]; }

 private:
  Checkpoint pack(const std::vector<Checkpoint>& parts, const std::string& device_kind) const;
  std::vector<Checkpoint> unpack(const Checkpoint& from);

  std::vector<std::unique_ptr<CpuLane>> lanes_;
  std::vector<MetricRow> last_;  // of each fold
};

/// "val_acc_margin" for "val_acc".
std::string margin_name(const std::string& metric);
/// Whether folds have a margin for it: not of single classes (train.record).
bool has_margin(const std::string& metric);

}  // namespace vernier::engine
