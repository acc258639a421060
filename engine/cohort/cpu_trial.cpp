#include "engine/cohort/cpu_trial.h"

#include "core/hash.h"

namespace vernier::engine {

CpuTrial::CpuTrial(const TrialSettings& settings,
                   std::span<const std::shared_ptr<const Dataset>> folds, const Checkpoint* from)
    : rows_(folds.size()) {
  const bool several = folds.size() > 1;
  std::vector<Checkpoint> parts;
  if (from != nullptr && several) parts = rows_.unpack(*from);
  for (std::size_t f = 0; f < folds.size(); ++f) {
    const Checkpoint* part = from == nullptr ? nullptr : several ? &parts[f] : from;
    lanes_.push_back(std::make_unique<CpuLane>(
        make_recipe(settings, shape_of(*folds[f]), null_log()), *folds[f], part));
  }
}

std::optional<MetricRow> CpuTrial::advance(const std::atomic<bool>& cancel,
                                           const std::function<void()>& heartbeat) {
  if (lanes_.size() == 1) return lanes_[0]->advance(cancel, heartbeat);
  for (std::size_t f = 0; f < lanes_.size(); ++f) {
    auto row = lanes_[f]->advance(cancel, heartbeat);
    if (cancel.load(std::memory_order_relaxed)) return std::nullopt;
    if (row) rows_.take(f, std::move(*row));
  }
  return rows_.merge();
}

Checkpoint CpuTrial::save(const std::string& device_kind) const {
  if (lanes_.size() == 1) return lanes_[0]->save(device_kind);
  std::vector<Checkpoint> parts;
  for (const auto& lane : lanes_) parts.push_back(lane->save(device_kind));
  return rows_.pack(parts, device_kind);
}

Checkpoint CpuTrial::save_best(const std::string& device_kind) const {
  if (lanes_.size() == 1) return lanes_[0]->save_best(device_kind);
  std::vector<Checkpoint> parts;
  for (const auto& lane : lanes_) parts.push_back(lane->save_best(device_kind));
  return rows_.pack(parts, device_kind);
}

std::string CpuTrial::weights_hash() const {
  if (lanes_.size() == 1) return lanes_[0]->weights_hash();
  std::string all;
  for (const auto& lane : lanes_) all += lane->weights_hash();
  return content_hash(all);
}

Metrics CpuTrial::test() const {
  std::vector<Metrics> rows;
  for (const auto& lane : lanes_) rows.push_back(lane->test());
  return means(rows);
}

}  // namespace vernier::engine
