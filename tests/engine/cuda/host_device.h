// A device made of host memory: the kernels' own source in loops, products summed in double from factors rounded as the precision says, their
// epilogues as cuBLASLt documents them. Counts its calls and fails at any of them.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <utility>
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
  /// Products asked for so far with an epilogue.
  int fused() const { return fused_; }
  /// Lanes of the widest kernel or product that was done since the last call, replayed ones too.
  int widest() { return std::exchange(widest_, 0); }
  /// Which epilogues it offers; all unless told.
  void offer(std::function<bool(Epilogue)> offered) { offered_ = std::move(offered); }
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

  void product(const MatrixProduct& p, Precision precision) override {
    if (!offers(p, precision)) fail<DeviceError>("[product] an epilogue that is not offered");
    if (p.epilogue != Epilogue::none) ++fused_;
    later("product", [this, p, precision] {
      widest_ = std::max(widest_, p.lanes);
      for (int lane = 0; lane < p.lanes; ++lane) multiply(p, precision, lane);
    });
  }
  bool offers(const MatrixProduct& p, Precision) override {
    return p.epilogue == Epilogue::none || !offered_ || offered_(p.epilogue);
  }

  void convolve(const Convolution& c, Precision precision) override {
    if (!offers(c, precision)) fail<DeviceError>("[convolve] a convolution that is not offered");
    ++convolved_;
    later("convolve", [this, c, precision] {
      widest_ = std::max(widest_, c.lanes);
      for (int lane = 0; lane < c.lanes; ++lane) convolve_lane(c, precision, lane);
    });
  }
  bool offers(const Convolution&, Precision) override { return convolves_; }
  /// Convolutions asked for so far; whether any are offered.
  int convolved() const { return convolved_; }
  void convolves(bool offered) { convolves_ = offered; }

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
    later(name, [=, this] {
      widest_ = std::max(widest_, lanes);
      const Team team;
      for (int lane = 0; lane < lanes; ++lane)
        for (int block = 0; block < blocks; ++block) kernel(team, lane, block);
    });
  }
  /// From the definition, in double: every pair of an input and an output that a weight joins.
  static void convolve_lane(const Convolution& c, Precision precision, int lane) {
    const Cells x = c.x.of(lane), filters = c.filters.of(lane), y = c.y.of(lane);
    const ImageSize &in = c.w.input, &out = c.w.output;
    const ImageSize window{c.w.height, c.w.width, in.channels};
    const Cells& to = c.kind == ConvolutionKind::forward          ? y
                      : c.kind == ConvolutionKind::input_gradient ? x
                                                                  : filters;
    const std::size_t count = c.kind == ConvolutionKind::forward
                                  ? out.count() * static_cast<std::size_t>(c.rows)
                              : c.kind == ConvolutionKind::input_gradient
                                  ? in.count() * static_cast<std::size_t>(c.rows)
                                  : window.count() * static_cast<std::size_t>(out.channels);
    std::vector<double> sums(count);
    const auto value = [&](const Cells& of, std::size_t i) {
      return static_cast<double>(rounded(of[i], precision));
    };
    const auto join = [&](std::size_t input, std::size_t weight, std::size_t output) {
      if (c.kind == ConvolutionKind::forward)
        sums[output] += value(x, input) * value(filters, weight);
      if (c.kind == ConvolutionKind::input_gradient)
        sums[input] += value(y, output) * value(filters, weight);
      if (c.kind == ConvolutionKind::weight_gradient)
        sums[weight] += value(x, input) * value(y, output);
    };
    for (std::size_t row = 0; row < static_cast<std::size_t>(c.rows); ++row)
      for (int i = 0; i < out.height; ++i)
        for (int j = 0; j < out.width; ++j)
          for (int tap = 0; tap < c.w.taps(); ++tap) {
            const int di = tap / c.w.width, dj = tap % c.w.width;
            const int r = c.w.begin(i) + di, s = c.w.begin(j) + dj;
            if (r < 0 || r >= in.height || s < 0 || s >= in.width) continue;
            for (int k = 0; k < out.channels; ++k)
              for (int channel = 0; channel < in.channels; ++channel)
                join(in.at(row, r, s, channel),
                     window.at(static_cast<std::size_t>(k), di, dj, channel), out.at(row, i, j, k));
          }
    for (std::size_t i = 0; i < count; ++i) to.set(i, static_cast<float>(sums[i]));
  }
  static float rounded(float x, Precision precision) {
    return precision == Precision::tf32 ? to_tf32(x) : x;
  }
  static void multiply(const MatrixProduct& p, Precision precision, int lane) {
    const ConstCells a = p.a.of(lane), b = p.b.of(lane);
    const Cells c = p.c.of(lane);
    const auto at = [](int row, int column, int columns) {
      return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) +
             static_cast<std::size_t>(column);
    };
    const auto factor = [&](const ConstCells& of, std::size_t i) {
      return static_cast<double>(rounded(of[i], precision));
    };
    std::vector<double> columns(static_cast<std::size_t>(p.n));
    for (int i = 0; i < p.m; ++i) {
      for (int j = 0; j < p.n; ++j) {
        const std::size_t to = at(i, j, p.c_columns());
        double sum = p.accumulate ? static_cast<double>(c[to]) : 0;
        for (int l = 0; l < p.k; ++l) {
          sum += factor(a, p.transpose_a ? at(l, i, p.a_columns()) : at(i, l, p.a_columns())) *
                 factor(b, p.transpose_b ? at(j, l, p.b_columns()) : at(l, j, p.b_columns()));
        }
        const float result = finish(p, lane, i, j, static_cast<float>(sum));
        c.set(to, result);
        columns[static_cast<std::size_t>(j)] += static_cast<double>(result);
      }
    }
    if (p.epilogue != Epilogue::relu_gradient_bias) return;
    for (std::size_t j = 0; j < columns.size(); ++j)
      p.bias_gradient[static_cast<std::size_t>(lane) * p.bias_gradient_stride + j] =
          static_cast<float>(columns[j]);
  }
  /// What the epilogue makes of the sum in row i, column j.
  static float finish(const MatrixProduct& p, int lane, int i, int j, float x) {
    if (has_bias(p.epilogue)) x += p.bias.of(lane)[static_cast<std::size_t>(j)];
    std::uint8_t* bits =
        has_mask(p.epilogue)
            ? p.mask + static_cast<std::size_t>(lane) * p.mask_stride +
                  static_cast<std::size_t>(i) * static_cast<std::size_t>(mask_row_bytes(p.n)) +
                  static_cast<std::size_t>(j / 8)
            : nullptr;
    const auto bit = static_cast<std::uint8_t>(1u << (j % 8));
    switch (p.epilogue) {
      case Epilogue::none:
      case Epilogue::bias:
        return x;
      case Epilogue::relu:
      case Epilogue::bias_relu:
        return x < 0 ? 0.0f : x;
      case Epilogue::relu_mask:
      case Epilogue::bias_relu_mask:
        *bits = static_cast<std::uint8_t>(x > 0 ? *bits | bit : *bits & ~bit);
        return x < 0 ? 0.0f : x;
      case Epilogue::relu_gradient:
      case Epilogue::relu_gradient_bias:
        return (*bits & bit) != 0 ? x : 0.0f;
    }
    return x;
  }

  std::size_t memory_;
  std::size_t held_bytes_ = 0;
  int waits_ = 0, fused_ = 0, convolved_ = 0, widest_ = 0;
  bool convolves_ = true;
  std::function<bool(Epilogue)> offered_;
  std::function<void(std::string_view, int, std::size_t)> watcher_;
  int fails_at_;
  int calls_ = 0;
  std::map<void*, std::size_t> held_;
  std::unique_ptr<Work> recording_;
};

}  // namespace vernier::engine::cuda::testing
