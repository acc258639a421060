// Puts a plan's operations on a device, for all lanes of the plan at once.
#pragma once
#include <utility>

#include "engine/cuda/device.h"
#include "engine/cuda/layout.h"
#include "engine/cuda/resident.h"

namespace vernier::engine::cuda {

class Runner {
 public:
  /// `memory`: layout.bytes on the device. All outlive it.
  Runner(Device& device, const Layout& layout, std::byte* memory)
      : device_(device), layout_(layout), plan_(layout.plan), memory_(memory) {}

  /// One update of every active lane.
  void update(const ResidentPart& part) const;
  /// The lanes' sums: loss and correct answers over the whole part, without dropout or smoothing, with weights and statistics at the regions
  /// named; and the squares of the weights that learn or are frozen.
  void evaluate(const ResidentPart& part, const Region& parameters, const Region& statistics) const;

 private:
  struct Pass;
  void forward(const Op& op, const Pass& pass) const;
  void backward(const Op& op, const Pass& pass) const;
  template <class Visit>
  void each_unfolded(const Op& op, const Pass& pass, Visit&& visit) const;
  std::pair<const float*, std::size_t> unfold(const Op& op, const Pass& pass, const Windows& w,
                                              std::size_t first, int rows) const;
  void conv(const Op& op, const Pass& pass) const;
  void conv_weight_gradient(const Op& op, const Pass& pass) const;
  void conv_input_gradient(const Op& op, const Pass& pass) const;
  void activate_all(const Op& op, const Pass& pass, const float* bias) const;
  void copy(float* to, const float* from, std::size_t count, const Pass& pass) const;
  RowLosses row_losses() const;
  void apply_gradients() const;
  bool frozen(TensorId statistic) const;

  LaneState* states() const { return at<LaneState>(layout_.state); }
  LaneSums* sums() const { return at<LaneSums>(layout_.sums); }
  double* partial() const { return at<double>(layout_.partial); }
  template <class T>
  T* at(const Region& region) const {
    return reinterpret_cast<T*>(memory_ + region.offset);
  }

  Device& device_;
  const Layout& layout_;
  const Plan& plan_;
  std::byte* memory_;
};

}  // namespace vernier::engine::cuda
