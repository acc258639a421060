#include "engine/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "core/error.h"
#include "engine/cohort/cpu_cohort.h"
#include "engine/cohort/recipe.h"
#include "engine/cohort/transfer.h"
#include "engine/cpu/bench.h"
#include "engine/cpu/devices.h"
#include "engine/cuda/gpu.h"
#include "engine/cuda/layout.h"
#include "engine/models/registry.h"
#include "engine/plan/plan.h"
#include "engine/plan/predict.h"
#include "engine/recorded/recorded.h"

namespace vernier::engine {
namespace {

/// Data sets by DataSettings::key(), the last few used. Each is loaded once, also when several threads ask at the same time.
class DatasetCache {
 public:
  // Shared read-only by every cohort that trains on it, whichever ends last: hence the shared_ptr.
  std::shared_ptr<const Dataset> get(const DataSettings& settings,
                                     std::span<const std::filesystem::path> dirs, const Log& log) {
    const std::shared_ptr<Entry> entry = find(settings.key());
    const std::lock_guard loading(entry->mutex);
    if (!entry->data) {
      entry->data = std::make_shared<const Dataset>(load_dataset(settings, dirs, log));
    }
    return entry->data;
  }

 private:
  struct Entry {
    std::mutex mutex;
    std::shared_ptr<const Dataset> data;
    std::uint64_t used = 0;
  };
  static constexpr std::size_t most = 16;

  std::shared_ptr<Entry> find(const std::string& key) {
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= most && entries_.count(key) == 0) {
      const auto oldest = std::min_element(
          entries_.begin(), entries_.end(),
          [](const auto& a, const auto& b) { return a.second->used < b.second->used; });
      entries_.erase(oldest);
    }
    std::shared_ptr<Entry>& entry = entries_[key];
    if (!entry) entry = std::make_shared<Entry>();
    entry->used = ++clock_;
    return entry;
  }

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Entry>> entries_;
  std::uint64_t clock_ = 0;
};

/// Why the CPU cannot train it; empty where it can.
std::string cpu_refusal(const TrialSettings& settings) {
  const std::string& precision = settings.train.precision;
  if (precision == precision_name(Precision::fp32)) return "";
  return fmt::format("[train.precision] {} is for GPUs (--devices gpu:0); the CPU trains in fp32",
                     precision);
}

}  // namespace

struct Engine::Impl {
  Options options;
  DatasetCache datasets;
  std::once_flag measured, sought;
  MachineRates rates;
  std::vector<std::unique_ptr<cuda::Gpu>> found;

  std::shared_ptr<const Dataset> data(const DataSettings& settings) {
    return datasets.get(settings, options.data_dirs, options.log);
  }
  /// One, or one for each fold.
  std::vector<std::shared_ptr<const Dataset>> folds(DataSettings settings) {
    std::vector<std::shared_ptr<const Dataset>> sets;
    for (settings.fold = 0; settings.fold < std::max(1, settings.folds); ++settings.fold)
      sets.push_back(data(settings));
    return sets;
  }
  const std::vector<std::unique_ptr<cuda::Gpu>>& gpus() {
    std::call_once(sought, [this] { found = options.gpus ? options.gpus() : cuda::module_gpus(); });
    return found;
  }
  const MachineRates& machine() {
    std::call_once(measured, [this] { rates = cpu::measure_rates(); });
    return rates;
  }
};

Engine::Engine(Options options) : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
  if (!impl_->options.log) impl_->options.log = null_log();
}
Engine::~Engine() = default;

std::vector<DeviceInfo> Engine::devices() const {
  std::vector<DeviceInfo> devices = cpu::devices();
  for (const auto& gpu : impl_->gpus()) devices.push_back(gpu->info());
  return devices;
}

Estimate Engine::estimate(const TrialSettings& settings, const DeviceInfo& device) const {
  Estimate estimate;
  if (const std::string why = cpu_refusal(settings); !device.gpu && !why.empty()) {
    estimate.fits = estimate.feasible = false;
    estimate.why = why;
    return estimate;
  }
  try {
    for (const auto& data : impl_->folds(settings.data)) {
      const Recipe recipe = make_recipe(settings, shape_of(*data), impl_->options.log);
      const Plan plan = make_plan(recipe.architecture, recipe.plan_options(data->valid.n));
      if (device.gpu) {
        if (const std::string what = cuda::cannot_train(recipe); !what.empty()) {
          estimate.feasible = false;
          estimate.why = fmt::format("a GPU cannot train with {} in this version", what);
        }
        estimate.bytes += cuda::make_layout(recipe, *data, 1).bytes;
        estimate.data_bytes += cuda::resident_bytes(*data);
      } else {
        estimate.bytes += plan.bytes;
        estimate.data_bytes += data->bytes();
      }
      estimate.parameters = plan.parameters;
      estimate.flops += plan.flops;
      estimate.update_us += predict_update_us(plan, impl_->machine());
      estimate.updates_per_step = static_cast<int>(
          (recipe.updates_per_epoch + recipe.measures_per_epoch - 1) / recipe.measures_per_epoch);
    }
  } catch (const ShapeError& error) {
    estimate = {};
    estimate.fits = estimate.feasible = false;
    estimate.why = error.what();
    return estimate;
  }
  if (estimate.feasible && device.memory > 0 && estimate.bytes > device.memory) {
    estimate.feasible = false;
    estimate.why = fmt::format("needs {:.1f} MB; '{}' has {:.1f} MB",
                               static_cast<double>(estimate.bytes) / 1e6, device.name,
                               static_cast<double>(device.memory) / 1e6);
  }
  return estimate;
}

std::string Engine::record_misfit(const TrialSettings& settings) const {
  const RecordSettings& record = settings.train.record;
  if (record.kinds.empty()) return "";
  const DataShape data = shape_of(*impl_->data(settings.data));
  const Architecture net = build_model(settings.model, data.input, data.outputs);
  const auto frozen = frozen_layers(net, settings.train.freeze);
  return vernier::engine::record_misfit(record, {net, frozen, data});
}

std::vector<std::string> Engine::metric_names(const TrialSettings& settings) const {
  const auto data = impl_->data(settings.data);
  std::vector<std::string> names = result_names(data->classes > 0);
  if (!settings.train.record.kinds.empty()) {
    TrialSettings any = settings;
    any.metric = names.front();  // whether the study's own is one of them is not asked yet
    const Recipe recipe = make_recipe(any, shape_of(*data), null_log());
    names.insert(names.end(), recipe.record.metrics.begin(), recipe.record.metrics.end());
  }
  if (settings.data.folds > 0) {
    const std::vector<std::string> measured = names;
    for (const std::string& name : measured) {
      if (has_margin(name)) names.push_back(margin_name(name));
    }
  }
  const auto& timings = timing_names();
  names.insert(names.end(), timings.begin(), timings.end());
  return names;
}

std::unique_ptr<Cohort> Engine::make_cohort(const TrialSettings& settings, const DeviceInfo& device,
                                            int lanes) const {
  if (!device.gpu) {
    if (const std::string why = cpu_refusal(settings); !why.empty()) fail<UsageError>("{}", why);
    return std::make_unique<CpuCohort>(settings, impl_->folds(settings.data), cpu::device_kind());
  }
  for (const auto& gpu : impl_->gpus()) {
    if (gpu->info().index == device.index)
      return gpu->make_cohort(settings, impl_->folds(settings.data), lanes);
  }
  fail<DeviceError>("[engine] no device '{}'; expected one of the {} GPUs there are", device.name,
                    impl_->gpus().size());
}

std::string Engine::cohort_key(const TrialSettings& settings) const {
  const auto data = impl_->data(settings.data);
  return cuda::device_key(settings, make_recipe(settings, shape_of(*data), null_log()));
}

ModelSummary Engine::summarize(const ModelSettings& model, std::vector<int> input,
                               int classes) const {
  if (input.empty() || classes < 1 ||
      std::any_of(input.begin(), input.end(), [](int d) { return d < 1; })) {
    fail<UsageError>("[model] input {} and {} outputs; expected sizes of at least 1",
                     to_text(input), classes);
  }
  return vernier::engine::summarize(build_model(model, input, classes));
}

}  // namespace vernier::engine
