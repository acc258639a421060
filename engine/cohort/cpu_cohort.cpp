#include "engine/cohort/cpu_cohort.h"

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace vernier::engine {

CpuCohort::CpuCohort(const TrialSettings& settings,
                     std::vector<std::shared_ptr<const Dataset>> folds, std::string device_kind)
    : folds_(std::move(folds)),
      device_kind_(std::move(device_kind)),
      key_(fusion_key(settings, make_recipe(settings, shape_of(*folds_[0]), null_log()), false)) {}

int CpuCohort::admit(const TrialSettings& settings, const Checkpoint* from) {
  const Recipe recipe = make_recipe(settings, shape_of(*folds_[0]), null_log());
  const std::string key = fusion_key(settings, recipe, false);
  if (key != key_) {
    fail<UsageError>("[cohort] a lane of '{}' cannot join one of '{}'; expected the same", key,
                     key_);
  }
  auto lane = std::make_unique<CpuTrial>(settings, folds_, from);
  auto free = std::find(lanes_.begin(), lanes_.end(), nullptr);
  if (free == lanes_.end()) free = lanes_.insert(lanes_.end(), nullptr);
  *free = std::move(lane);
  held_.resize(lanes_.size());
  held_[static_cast<std::size_t>(free - lanes_.begin())] = false;
  return static_cast<int>(free - lanes_.begin());
}

void CpuCohort::hold(int lane, bool held) {
  trial(lane);
  held_[static_cast<std::size_t>(lane)] = held;
}

std::vector<MetricRow> CpuCohort::advance(const std::atomic<bool>& cancel,
                                          const std::function<void()>& heartbeat) {
  std::vector<MetricRow> rows;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!lanes_[i] || held_[i]) continue;
    auto row = lanes_[i]->advance(cancel, heartbeat);
    if (cancel.load(std::memory_order_relaxed)) return {};
    if (!row) continue;
    row->lane = static_cast<int>(i);
    rows.push_back(std::move(*row));
  }
  return rows;
}

const CpuTrial& CpuCohort::trial(int lane) const {
  const auto i = static_cast<std::size_t>(lane);
  if (lane < 0 || i >= lanes_.size() || !lanes_[i]) {
    fail<UsageError>("[cohort] no lane {}; expected one that admit() returned", lane);
  }
  return *lanes_[i];
}

Checkpoint CpuCohort::save(int lane) const { return trial(lane).save(device_kind_); }
Checkpoint CpuCohort::save_best(int lane) const { return trial(lane).save_best(device_kind_); }
std::string CpuCohort::weights_hash(int lane) const { return trial(lane).weights_hash(); }
Metrics CpuCohort::test(int lane) { return trial(lane).test(); }

void CpuCohort::retire(int lane) {
  trial(lane);
  lanes_[static_cast<std::size_t>(lane)].reset();
}

}  // namespace vernier::engine
