#include "engine/cuda/device_folds.h"

#include "core/error.h"
#include "core/hash.h"

namespace vernier::engine::cuda {

const FoldRows& DeviceFolds::rows(int lane) const {
  const auto found = rows_.find(lane);
  if (found == rows_.end())
    fail<UsageError>("[cohort] no lane {}; expected one that admit() returned", lane);
  return found->second;
}

int DeviceFolds::admit(const TrialSettings& settings, const Checkpoint* from) {
  FoldRows own(folds_.size());
  std::vector<Checkpoint> parts;
  if (from != nullptr) parts = own.unpack(*from);
  int lane = 0;
  std::size_t admitted = 0;
  try {
    for (; admitted < folds_.size(); ++admitted) {
      // All admit and retire together, so it is the same number in each.
      lane = folds_[admitted]->admit(settings, from == nullptr ? nullptr : &parts[admitted]);
    }
  } catch (...) {
    for (std::size_t f = 0; f < admitted; ++f) folds_[f]->retire(lane);
    throw;
  }
  rows_.emplace(lane, std::move(own));
  return lane;
}

void DeviceFolds::hold(int lane, bool held) {
  for (const auto& fold : folds_) fold->hold(lane, held);
}

std::vector<MetricRow> DeviceFolds::advance(const std::atomic<bool>& cancel,
                                            const std::function<void()>& heartbeat) {
  for (std::size_t f = 0; f < folds_.size(); ++f) {
    std::vector<MetricRow> of_fold = folds_[f]->advance(cancel, heartbeat);
    if (cancel.load(std::memory_order_relaxed)) return {};
    for (MetricRow& row : of_fold) rows_.at(row.lane).take(f, std::move(row));
  }
  std::vector<MetricRow> merged;
  for (auto& [lane, own] : rows_) {
    auto row = own.merge();
    if (!row) continue;
    row->lane = lane;
    merged.push_back(std::move(*row));
  }
  return merged;
}

Checkpoint DeviceFolds::save(int lane) const {
  std::vector<Checkpoint> parts;
  for (const auto& fold : folds_) parts.push_back(fold->save(lane));
  return rows(lane).pack(parts, device_kind_);
}

Checkpoint DeviceFolds::save_best(int lane) const {
  std::vector<Checkpoint> parts;
  for (const auto& fold : folds_) parts.push_back(fold->save_best(lane));
  return rows(lane).pack(parts, device_kind_);
}

std::string DeviceFolds::weights_hash(int lane) const {
  std::string all;
  for (const auto& fold : folds_) all += fold->weights_hash(lane);
  return content_hash(all);
}

Metrics DeviceFolds::test(int lane) {
  std::vector<Metrics> rows;
  for (const auto& fold : folds_) rows.push_back(fold->test(lane));
  return means(rows);
}

void DeviceFolds::retire(int lane) {
  for (const auto& fold : folds_) fold->retire(lane);
  rows_.erase(lane);
}

}  // namespace vernier::engine::cuda
