// What the runner's files share.
#pragma once
#include <algorithm>
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
  int lane_count;
  const std::vector<std::size_t>& offsets;  // of values
  std::byte* workspace;
  float* parameters;
  float* gradients;  // null in evaluation
  float* statistics;
  std::size_t parameter_stride, statistic_stride;  // floats
  ConstCells weights;                              // the parameters as products read them
  int rows;
  ConstCells input = {};  // evaluation: the same examples for every lane

  bool training() const { return gradients != nullptr; }
  const Tensor& tensor(TensorId id) const { return plan.graph.at(id); }
  std::byte* bytes(TensorId id) const { return workspace + offsets[static_cast<std::size_t>(id)]; }
  /// A value whose numbers are of this kind, and none where the operation has none.
  Cells value(TensorId id, Number number) const {
    if (id == no_tensor) return {};
    return {bytes(id), plan.workspace.stride / bytes_of(number), number};
  }
  Cells value(TensorId id) const {
    if (id == no_tensor) return {};
    return value(id, number_bytes(plan.graph, id, plan.options) == bytes_of(Number::fp32)
                         ? Number::fp32
                         : Number::bf16);
  }
  /// One that is float whatever the precision.
  float* number(TensorId id) const { return static_cast<float*>(value(id, Number::fp32).data); }
  std::uint8_t* mask(TensorId id) const { return reinterpret_cast<std::uint8_t*>(bytes(id)); }
  bool shared(TensorId id) const { return id == plan.graph.input && input; }
  ConstCells read(TensorId id) const {
    if (shared(id)) return input;
    return value(id);
  }
  std::size_t stride() const { return floats(plan.workspace.stride); }
  std::size_t place(TensorId id) const {
    return floats(plan.training[static_cast<std::size_t>(id)]);
  }
  const float* parameter(TensorId id) const {
    return id == no_tensor ? nullptr : parameters + place(id);
  }
  ConstCells weight(TensorId id) const {
    if (id == no_tensor) return {};
    return weights.from(place(id));
  }
  float* gradient(TensorId id) const { return id == no_tensor ? nullptr : gradients + place(id); }
  Cells gradient_cells(TensorId id) const { return {gradient(id), parameter_stride, Number::fp32}; }
  int width(TensorId id) const { return static_cast<int>(elements(tensor(id).shape)); }
  std::size_t count(TensorId id) const {
    return elements(tensor(id).shape) * static_cast<std::size_t>(rows);
  }
  int lanes() const { return lane_count; }
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
            number(op.batch_mean),
            number(op.deviation),
            parameter_stride,
            statistic_stride,
            stride()};
  }
};

template <class Visit, class Watch>
void Runner::each_batch(const ResidentPart& part, const Region& parameters,
                        const Region& statistics, Visit&& visit, Watch&& watch) const {
  Pass pass{plan_,
            lanes_.count,
            plan_.evaluation,
            at<std::byte>(plan_.workspace),
            at<float>(parameters),
            nullptr,
            at<float>(statistics),
            floats(parameters.stride),
            floats(statistics.stride),
            {},
            0};
  pass.weights = weights(pass.parameters, pass.parameter_stride);
  for (int first = 0; first < part.n; first += pass.rows) {
    pass.rows = std::min(plan_.options.evaluation_rows, part.n - first);
    read_examples(part, first, pass);
    for (const Op& op : plan_.graph.forward) {
      forward(op, pass);
      watch(op, pass);
    }
    visit(first, pass);
  }
}

}  // namespace vernier::engine::cuda
