#include "engine/cuda/gpu.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "engine/cuda/device_folds.h"
#include "engine/cuda/load.h"

namespace vernier::engine::cuda {
namespace {

/// What the driver, its libraries and a second process on the device keep for themselves.
constexpr std::size_t reserve = std::size_t{1} << 30;

/// The module's device: its failures become ours.
class ModuleDevice final : public Device {
  template <class Body>
  static auto guarded(Body&& body) {
    try {
      return body();
    } catch (const std::exception& error) {
      throw DeviceError(error.what());
    }
  }

 public:
  ModuleDevice(std::shared_ptr<CudaModule> module, int index) : module_(std::move(module)) {
    Device* made = nullptr;
    if (const char* message = module_->api().make_device(index, &made)) throw DeviceError(message);
    device_.reset(made);
  }

  void* allocate(std::size_t bytes) override {
    return guarded([&] { return device_->allocate(bytes); });
  }
  void release(void* memory) noexcept override { device_->release(memory); }
  void fill(void* to, int byte, std::size_t bytes) override {
    guarded([&] { device_->fill(to, byte, bytes); });
  }
  void copy(void* to, const void* from, std::size_t bytes) override {
    guarded([&] { device_->copy(to, from, bytes); });
  }
  void upload(void* to, const void* from, std::size_t bytes) override {
    guarded([&] { device_->upload(to, from, bytes); });
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    guarded([&] { device_->download(to, from, bytes); });
  }
  void synchronize() override {
    guarded([&] { device_->synchronize(); });
  }
  void product(const MatrixProduct& product, Precision precision) override {
    guarded([&] { device_->product(product, precision); });
  }
  bool offers(const MatrixProduct& product, Precision precision) override {
    return guarded([&] { return device_->offers(product, precision); });
  }
  void convolve(const Convolution& convolution, Precision precision) override {
    guarded([&] { device_->convolve(convolution, precision); });
  }
  bool offers(const Convolution& convolution, Precision precision) override {
    return guarded([&] { return device_->offers(convolution, precision); });
  }
  void begin_recording() override {
    guarded([&] { device_->begin_recording(); });
  }
  std::unique_ptr<Recording> end_recording() override {
    return guarded([&] { return device_->end_recording(); });
  }
  void replay(const Recording& recording) override {
    guarded([&] { device_->replay(recording); });
  }
  void start(KernelId id, const void* kernel, int blocks, int lanes) override {
    guarded([&] { device_->start(id, kernel, blocks, lanes); });
  }

 private:
  // Shared by the process's devices: the code of each is in it.
  std::shared_ptr<CudaModule> module_;
  std::unique_ptr<Device> device_;
};

}  // namespace

std::unique_ptr<Cohort> Gpu::make_cohort(const TrialSettings& settings,
                                         std::shared_ptr<const Dataset> data, int lanes) {
  return make_cohort(settings, std::vector{std::move(data)}, lanes);
}

std::unique_ptr<Cohort> Gpu::make_cohort(const TrialSettings& settings,
                                         const std::vector<std::shared_ptr<const Dataset>>& folds,
                                         int lanes) {
  const std::lock_guard lock(mutex_);
  if (!device_) device_ = open_();
  std::vector<std::unique_ptr<DeviceCohort>> cohorts;
  for (const auto& data : folds) {
    cohorts.push_back(std::make_unique<DeviceCohort>(settings, data, resident(data), *device_,
                                                     info_.kind, lanes));
  }
  if (cohorts.size() == 1) return std::move(cohorts[0]);
  return join_folds(std::move(cohorts), info_.kind);
}

std::shared_ptr<const ResidentData> Gpu::resident(const std::shared_ptr<const Dataset>& data) {
  std::erase_if(data_, [](const auto& entry) { return entry.second.expired(); });
  if (auto found = data_[data].lock()) return last_ = std::move(found);
  last_.reset();
  last_ = std::make_shared<const ResidentData>(*device_, *data);
  data_[data] = last_;
  return last_;
}

std::vector<std::unique_ptr<Gpu>> module_gpus(std::optional<int> only) {
  std::vector<std::unique_ptr<Gpu>> gpus;
  std::string why;
  auto opened = CudaModule::open(why);
  if (!opened) return gpus;
  const auto module = std::make_shared<CudaModule>(std::move(*opened));
  int count = 0;
  if (module->api().device_count(&count) != nullptr) return gpus;
  for (int i = 0; i < count; ++i) {
    if (only && i != *only) continue;
    VernierCudaDevice device{};
    if (module->api().device(i, &device) != nullptr) continue;
    if (!only && device.free_bytes <= reserve) continue;
    DeviceInfo info{fmt::format("gpu{}", i), device.name, true, i,
                    device.free_bytes - std::min(device.free_bytes, reserve)};
    gpus.push_back(std::make_unique<Gpu>(
        std::move(info), [module, i] { return std::make_unique<ModuleDevice>(module, i); }));
  }
  return gpus;
}

}  // namespace vernier::engine::cuda
