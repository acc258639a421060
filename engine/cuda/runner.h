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
  struct Windowed;
  void forward(const Op& op, const Pass& pass) const;
  void backward(const Op& op, const Pass& pass) const;
  MatrixProduct dense_product(const Op& op, const Pass& pass) const;
  MatrixProduct dense_input_gradient(const Op& op, const Pass& pass) const;
  MatrixProduct masked_gradient(const Op& op, const Pass& pass) const;
  void add_epilogue(MatrixProduct& product, const Op& op, const Pass& pass,
                    Epilogue epilogue) const;
  bool shares_mask(TensorId mask, const Pass& pass) const;
  void dense(const Op& op, const Pass& pass) const;
  void batch_norm(const Op& op, const Pass& pass) const;
  void activation_gradient(const Op& op, const Pass& pass) const;
  template <class Visit>
  void each_windowed(const Op& op, const Pass& pass, const Windows& w, Visit&& visit) const;
  ConstCells unfold(const Op& op, const Pass& pass, const Windowed& part) const;
  Convolution convolution(ConvolutionKind kind, const Op& op, const Pass& pass) const;
  bool cudnn_does(const Convolution& convolution, const Op& op) const;
  void turn_filters(const Op& op, const Convolution& to, const Pass& pass) const;
  void conv(const Op& op, const Pass& pass) const;
  void conv_weight_gradient(const Op& op, const Pass& pass) const;
  void conv_input_gradient(const Op& op, const Pass& pass) const;
  void activate_all(const Op& op, const Pass& pass, const float* bias) const;
  void copy(const Cells& to, const ConstCells& from, std::size_t count, const Pass& pass) const;
  ConstCells weights(const float* parameters, std::size_t stride) const;
  void read_examples(const ResidentPart& part, int first, Pass& pass) const;
  RowLosses row_losses() const;
  Outputs outputs_of(const Pass& pass) const;
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
