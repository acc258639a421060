#include "engine/cuda/device_folds.h"

#include <map>
#include <utility>

#include "core/error.h"
#include "core/hash.h"
#include "engine/cohort/folds.h"

namespace vernier::engine::cuda {
namespace {

class DeviceFolds final : public Cohort {
 public:
  DeviceFolds(std::vector<std::unique_ptr<DeviceCohort>> folds, std::string device_kind)
      : folds_(std::move(folds)), device_kind_(std::move(device_kind)) {}

  int admit(const TrialSettings& settings, const Checkpoint* from) override {
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

  void hold(int lane, bool held) override {
    for (const auto& fold : folds_) fold->hold(lane, held);
  }

  std::vector<MetricRow> advance(const std::atomic<bool>& cancel,
                                 const std::function<void()>& heartbeat) override {
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

  Checkpoint save(int lane) const override {
    return packed(lane, [&](const DeviceCohort& fold) { return fold.save(lane); });
  }
  Checkpoint save_best(int lane) const override {
    return packed(lane, [&](const DeviceCohort& fold) { return fold.save_best(lane); });
  }

  std::string weights_hash(int lane) const override {
    std::string all;
    for (const auto& fold : folds_) all += fold->weights_hash(lane);
    return content_hash(all);
  }

  Metrics test(int lane) override {
    std::vector<Metrics> rows;
    for (const auto& fold : folds_) rows.push_back(fold->test(lane));
    return means(rows);
  }

  void retire(int lane) override {
    for (const auto& fold : folds_) fold->retire(lane);
    rows_.erase(lane);
  }

 private:
  template <class Save>
  Checkpoint packed(int lane, Save&& save) const {
    const auto found = rows_.find(lane);
    if (found == rows_.end())
      fail<UsageError>("[cohort] no lane {}; expected one that admit() returned", lane);
    std::vector<Checkpoint> parts;
    for (const auto& fold : folds_) parts.push_back(save(*fold));
    return found->second.pack(parts, device_kind_);
  }

  std::vector<std::unique_ptr<DeviceCohort>> folds_;
  std::string device_kind_;
  std::map<int, FoldRows> rows_;  // of each lane that is taken
};

}  // namespace

std::unique_ptr<Cohort> join_folds(std::vector<std::unique_ptr<DeviceCohort>> folds,
                                   std::string device_kind) {
  return std::make_unique<DeviceFolds>(std::move(folds), std::move(device_kind));
}

}  // namespace vernier::engine::cuda
