// What the back end asks of a GPU. Two things stand behind it: the CUDA module (cuda_device.cu), and in tests the host, which runs every
// kernel's own source in loops and can fail at any call.
//
// One stream: what is asked happens in that order, asynchronously on a GPU. Pointers are the device's own; only download() and synchronize()
// wait. Every member throws where the device fails (on the host's side of the module a DeviceError); after a sticky error all later
// calls throw too.
#pragma once
#include <cstddef>
#include <memory>
#include <utility>

#include "engine/cuda/cells.h"
#include "engine/cuda/convolution.h"
#include "engine/cuda/epilogue.h"
#include "engine/cuda/kernels.h"
#include "engine/math/precision.h"

namespace vernier::engine::cuda {

/// c (m, n) = op(a) op(b), or += with accumulate, row-major, for each of `lanes` matrices at their strides (0: the same for all lanes). op(a) is
/// (m, k), op(b) (k, n); transposed ones lie as (k, m) and (n, k). a and b are of one kind of number; sums are float.
struct MatrixProduct {
  bool transpose_a = false, transpose_b = false;
  int m = 0, n = 0, k = 0;
  ConstCells a, b;
  Cells c;
  int lanes = 1;
  bool accumulate = false;
  /// Numbers from a row, as the matrix lies, to the next; 0: no gaps.
  int a_row = 0, b_row = 0, c_row = 0;

  Epilogue epilogue = Epilogue::none;  // with accumulate: none
  ConstCells bias;                     // (n), of c's kind of number
  float* bias_gradient = nullptr;      // (n)
  std::size_t bias_gradient_stride = 0;
  std::uint8_t* mask =
      nullptr;  // (m, mask_row_bytes(n)): bit j of a row is column j, the lowest of a byte first
  std::size_t mask_stride = 0;  // bytes

  int a_columns() const { return a_row > 0 ? a_row : transpose_a ? m : k; }
  int b_columns() const { return b_row > 0 ? b_row : transpose_b ? k : n; }
  int c_columns() const { return c_row > 0 ? c_row : n; }
};

/// Work that was recorded once and can be repeated at little cost.
class Recording {
 public:
  virtual ~Recording() = default;
};

class Device {
 public:
  virtual ~Device() = default;

  virtual void* allocate(std::size_t bytes) = 0;
  virtual void release(void* memory) noexcept = 0;
  virtual void fill(void* to, int byte, std::size_t bytes) = 0;
  virtual void copy(void* to, const void* from, std::size_t bytes) = 0;
  virtual void upload(void* to, const void* from, std::size_t bytes) = 0;
  virtual void download(void* to, const void* from, std::size_t bytes) = 0;
  virtual void synchronize() = 0;

  virtual void product(const MatrixProduct& product, Precision precision) = 0;
  /// Whether product() can do it, epilogue included. Without an epilogue it always can.
  virtual bool offers(const MatrixProduct& product, Precision precision) = 0;

  /// Only where offered. The result is written, never added to.
  virtual void convolve(const Convolution& convolution, Precision precision) = 0;
  virtual bool offers(const Convolution& convolution, Precision precision) = 0;

  /// What is asked between the two is not done but recorded.
  virtual void begin_recording() = 0;
  virtual std::unique_ptr<Recording> end_recording() = 0;
  virtual void replay(const Recording& recording) = 0;

  /// `blocks` teams for each of `lanes` lanes.
  template <class Kernel>
  void launch(const Kernel& kernel, int blocks, int lanes) {
    if (blocks > 0 && lanes > 0) start(KernelOf<Kernel>::id, &kernel, blocks, lanes);
  }
  virtual void start(KernelId id, const void* kernel, int blocks, int lanes) = 0;
};

/// Memory of a device, freed with it.
class Memory {
 public:
  Memory() = default;
  Memory(Device& device, std::size_t bytes)
      : device_(&device), data_(device.allocate(bytes)), bytes_(bytes) {}
  Memory(Memory&& other) noexcept
      : device_(other.device_), data_(std::exchange(other.data_, nullptr)), bytes_(other.bytes_) {}
  Memory& operator=(Memory&& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Memory() {
    if (data_ != nullptr) device_->release(data_);
  }
  template <class T>
  T* as() const {
    return static_cast<T*>(data_);
  }
  std::byte* bytes_at(std::size_t offset) const { return as<std::byte>() + offset; }
  std::size_t bytes() const { return bytes_; }

 private:
  Device* device_ = nullptr;
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace vernier::engine::cuda
