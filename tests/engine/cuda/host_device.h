// A device made of host memory: the kernels' own source in loops, products in double. Counts its calls and fails at any of them.
#pragma once
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <vector>

#include "core/error.h"
#include "engine/cuda/device.h"

namespace vernier::engine::cuda::testing {

class HostDevice final : public Device {
 public:
  /// The call number `fails_at` (from 1) and all after it fail; 0: none.
  explicit HostDevice(std::size_t memory = std::size_t{1} << 32, int fails_at = 0)
      : memory_(memory), fails_at_(fails_at) {}
  ~HostDevice() override {
    for (const auto& [memory, bytes] : held_) std::free(memory);
  }
  int calls() const { return calls_; }
  /// Bytes allocated now; waits of the host so far.
  std::size_t held() const { return held_bytes_; }
  int waits() const { return waits_; }
  /// At each call: its name, calls so far, bytes allocated.
  void watch(std::function<void(std::string_view, int, std::size_t)> watcher) {
    watcher_ = std::move(watcher);
  }

  void* allocate(std::size_t bytes) override {
    call("allocate");
    if (bytes > memory_ - held_bytes_)
      fail<DeviceError>("[device] {} bytes asked for, {} free", bytes, memory_ - held_bytes_);
    void* memory = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
    std::memset(memory, 0xFF, bytes);  // NaN
    held_[memory] = bytes;
    held_bytes_ += bytes;
    return memory;
  }
  void release(void* memory) noexcept override {
    held_bytes_ -= held_.at(memory);
    held_.erase(memory);
    std::free(memory);
  }
  void fill(void* to, int byte, std::size_t bytes) override {
    later("fill", [=] { std::memset(to, byte, bytes); });
  }
  void copy(void* to, const void* from, std::size_t bytes) override {
    later("copy", [=] { std::memmove(to, from, bytes); });
  }
  void upload(void* to, const void* from, std::size_t bytes) override {
    call("upload");
    ++waits_;
    std::memcpy(to, from, bytes);
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    call("download");
    ++waits_;
    std::memcpy(to, from, bytes);
  }
  void synchronize() override {
    call("synchronize");
    ++waits_;
  }

  void product(const MatrixProduct& p, Precision) override {
    later("product", [p] {
      for (int lane = 0; lane < p.lanes; ++lane) multiply(p, static_cast<std::size_t>(lane));
    });
  }

  void begin_recording() override {
    call("begin_recording");
    recording_ = std::make_unique<Work>();
  }
  std::unique_ptr<Recording> end_recording() override {
    call("end_recording");
    return std::move(recording_);
  }
  void replay(const Recording& recording) override {
    call("replay");
    for (const auto& step : dynamic_cast<const Work&>(recording).steps) step();
  }

  void start(KernelId id, const void* kernel, int blocks, int lanes) override {
    switch (id) {
#define KERNEL(name)   \
  case KernelId::name: \
    return run(#name, *static_cast<const name*>(kernel), blocks, lanes);
#include "engine/cuda/kernels.def"
#undef KERNEL
    }
  }

 private:
  struct Work final : Recording {
    std::vector<std::function<void()>> steps;
  };

  void call(const char* name) {
    if (watcher_) watcher_(name, calls_ + 1, held_bytes_);
    if (++calls_ >= fails_at_ && fails_at_ > 0) fail<DeviceError>("[{}] the device is lost", name);
  }
  template <class Step>
  void later(const char* name, Step&& step) {
    call(name);
    if (recording_) {
      recording_->steps.emplace_back(std::forward<Step>(step));
    } else {
      step();
    }
  }
  template <class Kernel>
  void run(const char* name, Kernel kernel, int blocks, int lanes) {
    later(name, [=] {
      const Team team;
      for (int lane = 0; lane < lanes; ++lane)
        for (int block = 0; block < blocks; ++block) kernel(team, lane, block);
    });
  }
  static void multiply(const MatrixProduct& p, std::size_t lane) {
    const float* a = p.a + lane * p.a_stride;
    const float* b = p.b + lane * p.b_stride;
    float* c = p.c + lane * p.c_stride;
    const auto at = [](int row, int column, int columns) {
      return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) +
             static_cast<std::size_t>(column);
    };
    for (int i = 0; i < p.m; ++i) {
      for (int j = 0; j < p.n; ++j) {
        double sum = p.accumulate ? static_cast<double>(c[at(i, j, p.n)]) : 0;
        for (int l = 0; l < p.k; ++l) {
          sum += static_cast<double>(a[p.transpose_a ? at(l, i, p.m) : at(i, l, p.k)]) *
                 static_cast<double>(b[p.transpose_b ? at(j, l, p.k) : at(l, j, p.n)]);
        }
        c[at(i, j, p.n)] = static_cast<float>(sum);
      }
    }
  }

  std::size_t memory_;
  std::size_t held_bytes_ = 0;
  int waits_ = 0;
  std::function<void(std::string_view, int, std::size_t)> watcher_;
  int fails_at_;
  int calls_ = 0;
  std::map<void*, std::size_t> held_;
  std::unique_ptr<Work> recording_;
};

}  // namespace vernier::engine::cuda::testing
