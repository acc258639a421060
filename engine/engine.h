// The training engine's front door: data sets, devices, estimates and cohorts. It knows nothing of studies.
#pragma once
#include <atomic>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "core/log.h"
#include "engine/settings.h"

namespace vernier::engine {

namespace cuda {
class Gpu;
}

struct DeviceInfo {
  std::string name;  // "cpu0", "gpu0"
  std::string
      kind;  // "cpu-avx512", "NVIDIA H200": results replay bit for bit within one kind (and build)
  bool gpu = false;
  int index = 0;
  std::size_t memory = 0;  // bytes usable
};

struct Estimate {
  // Bytes, flops and time: of all folds together.
  std::size_t bytes = 0;       // the arena that will be allocated; data sets apart
  std::size_t data_bytes = 0;  // the resident data set, shared by all trials that use it
  std::size_t parameters = 0;  // learned numbers
  double flops =
      0;  // of one update (forward, backward, optimizer), matrix products and convolutions
  double update_us = 0;  // predicted
  int updates_per_step = 0;
  bool fits = true;  // false: layers do not fit one another or the data; no other figure is known
  bool feasible = true;  // fits, and the device has the memory
  std::string why;       // where not feasible
};

using Metrics = std::vector<std::pair<std::string, double>>;

/// What a step left beside its metrics (train.record). Forms: store/FORMAT.md, "Artifacts".
struct Recorded {
  std::string name, kind, blob;
  bool operator==(const Recorded&) const = default;
};

/// One trial at one step. `results` are replayed, compared and hashed; `timings` are not.
struct MetricRow {
  int lane = 0;
  int step = 0;  // 1-based
  Metrics
      results;  // train_loss, train_acc, val_loss, val_acc | val_r2, lr, grad_norm, weight_norm; margins of folds
  Metrics timings;                 // seconds, examples_per_second, update_us
  std::vector<Recorded> recorded;  // a function of the weights, as the results are
  bool diverged = false;           // a loss or weight is not finite: the lane takes no further step
  bool ended = false;              // last step, or early stopping
  bool early = false;              // early stopping
};

/// Everything of one lane: weights, optimizer state, counters, metrics so far. Save and restore are exact.
struct Checkpoint {
  int step = 0;
  std::string device_kind;
  std::vector<std::byte> bytes;  // the file format of engine/cohort/checkpoint.h, CRC-protected
  bool start = false;            // weights for a new training to start with (train.from)
};

/// Lanes that are computed together on one device. Not thread-safe but for `cancel`.
class Cohort {
 public:
  virtual ~Cohort() = default;
  /// A new lane with fresh weights, or continued from a checkpoint. Throws UsageError for a damaged checkpoint or another network's, and where
  /// all lanes of a GPU's cohort are taken.
  virtual int admit(const TrialSettings& settings, const Checkpoint* from) = 0;
  /// A lane that is held takes no step until it is let go.
  virtual void hold(int lane, bool held) = 0;
  /// Trains every other live lane up to its next measured step and returns a row each. `heartbeat` is called after every update. When
  /// `cancel` becomes true it returns {} within one update; the lanes are then only good for retire().
  virtual std::vector<MetricRow> advance(const std::atomic<bool>& cancel,
                                         const std::function<void()>& heartbeat) = 0;
  /// The lane exactly as it is now.
  virtual Checkpoint save(int lane) const = 0;
  /// The lane's best step (early_stop.restore), else its last.
  virtual Checkpoint save_best(int lane) const = 0;
  /// Content hash of the weights as they are now: equal exactly where two trainings agree bit for bit.
  virtual std::string weights_hash(int lane) const = 0;
  /// Loss and accuracy on the test part, with the weights that save_best would keep.
  virtual Metrics test(int lane) = 0;
  virtual void retire(int lane) = 0;
};

struct DatasetInfo {
  std::string name, summary;
  std::string source;  // "built in", or the files it needs
};
struct ModelInfo {
  std::string name, summary;
};
/// `vernier models NAME`: a row per layer.
struct LayerInfo {
  std::string name, output;  // "dense1", "(256)"
  std::size_t parameters = 0;
  double flops = 0;  // forward, per example
};
struct ModelSummary {
  std::size_t parameters = 0, weights = 0, bytes = 0;
  double flops = 0;  // forward, per example
  std::vector<LayerInfo> layers;
};

/// Thread-safe. Data sets are loaded once and shared.
class Engine {
 public:
  struct Options {
    std::vector<std::filesystem::path> data_dirs;  // VERNIER_DATA, then ~/.local/share/vernier
    Log log;
    /// The GPUs there are; null: those that the CUDA module finds.
    std::function<std::vector<std::unique_ptr<cuda::Gpu>>()> gpus = {};
  };
  explicit Engine(Options options);
  ~Engine();

  /// Every CPU core slot (cpu0, cpu1, ...) and GPU there is.
  std::vector<DeviceInfo> devices() const;
  /// Of one trial. On a GPU infeasible is also what its back end cannot train.
  /// Throws UsageError for what `check` must find: missing or damaged data, names and values that are wrong; n < batch is a warning in the log.
  Estimate estimate(const TrialSettings& settings, const DeviceInfo& device) const;
  /// What is wrong with a kind of train.record that has no effect on this data and network, "[train.record] ..."; empty where there is none.
  std::string record_misfit(const TrialSettings& settings) const;
  /// Names of the metrics a trial with these settings reports, results first.
  std::vector<std::string> metric_names(const TrialSettings& settings) const;
  /// On a GPU with room for `lanes` trials, taken at once; on the CPU every lane brings its own memory. A GPU serves one thread at a time.
  std::unique_ptr<Cohort> make_cohort(const TrialSettings& settings, const DeviceInfo& device,
                                      int lanes = 1) const;
  /// Equal for trials that may be lanes of one cohort on a GPU.
  std::string cohort_key(const TrialSettings& settings) const;
  ModelSummary summarize(const ModelSettings& model, std::vector<int> input, int classes) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

std::span<const DatasetInfo> datasets();
std::span<const ModelInfo> models();

}  // namespace vernier::engine
