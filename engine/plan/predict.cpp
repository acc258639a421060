#include "engine/plan/predict.h"

namespace vernier::engine {

double predict_update_us(const Plan& plan, const MachineRates& rates) {
  double bytes = 0;
  // Read and written: the weights and each state; read: the gradient, after it was written.
  const double block = static_cast<double>(plan.parameter.stride);
  bytes += block * (4 + 2 * plan.options.optimizer_states + (plan.options.average ? 2 : 0));
  const auto moved = [&](const std::vector<Op>& ops) {
    for (const Op& op : ops) {
      for (TensorId id : tensors_of(op)) {
        const Tensor& tensor = plan.graph.tensors[static_cast<std::size_t>(id)];
        if (tensor.role == Role::value) {
          bytes += static_cast<double>(tensor_bytes(tensor, plan.options.batch));
        }
      }
    }
  };
  moved(plan.graph.forward);
  moved(plan.graph.backward);
  constexpr double fixed_us = 3;  // calls and the epoch's order
  return fixed_us + plan.flops / (rates.gflops * 1e3) + bytes / (rates.gigabytes_per_second * 1e3);
}

}  // namespace vernier::engine
