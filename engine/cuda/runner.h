// Puts a plan's operations on a device, for some neighbouring lanes of a cohort at once.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/cuda/device.h"
#include "engine/cuda/layout.h"
#include "engine/cuda/resident.h"

namespace vernier::engine::cuda {

class Runner {
 public:
  /// Of `lanes`. `memory`: layout.bytes on the device. All outlive it.
  Runner(Device& device, const Layout& layout, std::byte* memory, LaneRange lanes)
      : device_(device), layout_(layout), plan_(layout.plan), memory_(memory), lanes_(lanes) {}

  /// One update of every active lane. `layer_norms`: their layers' gradient norms are added up too.
  void update(const ResidentPart& part, bool layer_norms) const;
  /// The lanes' sums: loss and correct answers over the whole part, without dropout or smoothing, with weights and statistics at the regions
  /// named; and the squares of the weights that learn or are frozen.
  void evaluate(const ResidentPart& part, const Region& parameters, const Region& statistics) const;

  /// (n, outputs) of each lane, before the loss's own softmax or sigmoid. The host waits once for each of the part's batches.
  std::vector<std::vector<float>> outputs(const ResidentPart& part, const Region& parameters,
                                          const Region& statistics) const;
  /// Of one lane: what each activation function gives for the part's first examples (one batch), as cpu::Runner::activations; a row has the
  /// cohort's width.
  void activations(const ResidentPart& part, const Region& parameters, const Region& statistics,
                   const std::function<void(const Op& op, std::vector<float> rows)>& visit) const;

 private:
  struct Pass;
  struct Windowed;
  /// visit(first, pass) behind the forward pass of each batch, watch(op, pass) behind each operation of it.
  template <class Visit, class Watch>
  void each_batch(const ResidentPart& part, const Region& parameters, const Region& statistics,
                  Visit&& visit, Watch&& watch) const;
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
  void apply_gradients(bool layer_norms) const;
  void add_layer_norms() const;
  bool frozen(TensorId statistic) const;

  LaneState* states() const { return at<LaneState>(layout_.state); }
  LaneSums* sums() const { return at<LaneSums>(layout_.sums); }
  double* partial() const { return at<double>(layout_.partial); }
  /// Of the first lane.
  template <class T>
  T* at(const Region& region) const {
    return reinterpret_cast<T*>(memory_ + region.offset +
                                region.stride * static_cast<std::size_t>(lanes_.first));
  }

  Device& device_;
  const Layout& layout_;
  const Plan& plan_;
  std::byte* memory_;
  LaneRange lanes_;
};

}  // namespace vernier::engine::cuda
