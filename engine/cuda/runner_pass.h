// What the runner's files share.
#pragma once
#include <cstddef>

#include "engine/cuda/runner.h"

namespace vernier::engine::cuda {

inline int teams(std::size_t count, int each) {
  return static_cast<int>((count + static_cast<std::size_t>(each) - 1) /
                          static_cast<std::size_t>(each));
}

inline std::size_t floats(std::size_t bytes) { return bytes / sizeof(float); }

/// One run through the operations: where the first lane's tensors lie, and how far it is to the next lane's.
struct Runner::Pass {
  const Plan& plan;
  const std::vector<std::size_t>& offsets;  // of values
  std::byte* workspace;
  const float* parameters;
  float* gradients;  // null in evaluation
  float* statistics;
  std::size_t parameter_stride, statistic_stride;  // floats
  int rows;
  const float* input = nullptr;  // evaluation: the same examples for every lane

  bool training() const { return gradients != nullptr; }
  const Tensor& tensor(TensorId id) const { return plan.graph.at(id); }
  float* value(TensorId id) const {
    return id == no_tensor
               ? nullptr
               : reinterpret_cast<float*>(workspace + offsets[static_cast<std::size_t>(id)]);
  }
  std::uint8_t* mask(TensorId id) const {
    return reinterpret_cast<std::uint8_t*>(workspace + offsets[static_cast<std::size_t>(id)]);
  }
  bool shared(TensorId id) const { return id == plan.graph.input && input != nullptr; }
  const float* read(TensorId id) const { return shared(id) ? input : value(id); }
  std::size_t stride(TensorId id) const { return shared(id) ? 0 : floats(plan.workspace.stride); }
  std::size_t stride() const { return floats(plan.workspace.stride); }
  std::size_t place(TensorId id) const {
    return floats(plan.training[static_cast<std::size_t>(id)]);
  }
  const float* parameter(TensorId id) const {
    return id == no_tensor ? nullptr : parameters + place(id);
  }
  float* gradient(TensorId id) const { return id == no_tensor ? nullptr : gradients + place(id); }
  int width(TensorId id) const { return static_cast<int>(elements(tensor(id).shape)); }
  std::size_t count(TensorId id) const {
    return elements(tensor(id).shape) * static_cast<std::size_t>(rows);
  }
  int lanes() const { return plan.options.lanes; }
  ImageSize image(TensorId id) const {
    const Shape& shape = tensor(id).shape;
    return {shape[0], shape[1], shape[2]};
  }
  /// What bias and batch norm go by: the units of a row, or the channels of a pixel.
  int columns(TensorId id) const { return tensor(id).shape.back(); }
  int column_rows(TensorId id) const { return rows * (width(id) / columns(id)); }
  Windows windows(const Op& op, TensorId from, TensorId to) const {
    return {image(from),     image(to),        op.window.height,
            op.window.width, op.window.stride, op.window.before};
  }
  BatchNormState batch_norm(const Op& op) const {
    return {parameter(op.weight),
            parameter(op.bias),
            statistics + place(op.mean),
            statistics + place(op.variance),
            value(op.batch_mean),
            value(op.deviation),
            parameter_stride,
            statistic_stride,
            stride()};
  }
};

}  // namespace vernier::engine::cuda
