// The cohort of one CPU core: its lanes step one after the other on the thread that calls advance(). A trial gains nothing from being
// threaded at these sizes; cores are used by one cohort each.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/cohort/cpu_trial.h"
#include "engine/engine.h"

namespace vernier::engine {

class CpuCohort final : public Cohort {
 public:
  /// `folds`: the data, one set a fold. They are shared with other cohorts and the engine's cache, and must live as long as any of them: hence
  /// the shared_ptr.
  CpuCohort(const TrialSettings& settings, std::vector<std::shared_ptr<const Dataset>> folds,
            std::string device_kind);
  CpuCohort(const TrialSettings& settings, std::shared_ptr<const Dataset> data,
            std::string device_kind)
      : CpuCohort(settings, std::vector{std::move(data)}, std::move(device_kind)) {}

  int admit(const TrialSettings& settings, const Checkpoint* from) override;
  void hold(int lane, bool held) override;
  std::vector<MetricRow> advance(const std::atomic<bool>& cancel,
                                 const std::function<void()>& heartbeat) override;
  Checkpoint save(int lane) const override;
  Checkpoint save_best(int lane) const override;
  std::string weights_hash(int lane) const override;
  Metrics test(int lane) override;
  void retire(int lane) override;

  /// Of a live lane; of its first fold.
  const CpuLane& lane(int lane) const { return trial(lane).fold(0); }

 private:
  const CpuTrial& trial(int lane) const;

  std::vector<std::shared_ptr<const Dataset>> folds_;
  std::string device_kind_;
  std::string key_;
  std::vector<std::unique_ptr<CpuTrial>> lanes_;  // null: free
  std::vector<bool> held_;
};

}  // namespace vernier::engine
