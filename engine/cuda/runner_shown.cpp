// What train.record wants of a network, brought to the host.
#include "engine/cuda/runner_pass.h"

namespace vernier::engine::cuda {

std::vector<std::vector<float>> Runner::outputs(const ResidentPart& part, const Region& parameters,
                                                const Region& statistics) const {
  std::vector<std::vector<float>> all(static_cast<std::size_t>(lanes_.count));
  const Cells to{at<float>(layout_.wide), floats(layout_.wide.stride), Number::fp32};
  std::vector<float> side_by_side(to.stride * all.size());
  const auto take = [&](int, const Pass& pass) {
    const std::size_t count = pass.count(plan_.graph.outputs);
    copy(to, pass.value(plan_.graph.outputs), count, pass);
    device_.download(side_by_side.data(), to.data, side_by_side.size() * sizeof(float));
    for (std::size_t lane = 0; lane < all.size(); ++lane) {
      const auto own = side_by_side.begin() + static_cast<std::ptrdiff_t>(lane * to.stride);
      all[lane].insert(all[lane].end(), own, own + static_cast<std::ptrdiff_t>(count));
    }
  };
  each_batch(part, parameters, statistics, take, [](const Op&, const Pass&) {});
  return all;
}

void Runner::activations(
    const ResidentPart& part, const Region& parameters, const Region& statistics,
    const std::function<void(const Op& op, std::vector<float> rows)>& visit) const {
  ResidentPart some = part;
  some.n = std::min(part.n, plan_.options.evaluation_rows);
  const auto watch = [&](const Op& op, const Pass& pass) {
    if (op.activation == Activation::identity && op.kind != OpKind::softmax) return;
    const Cells y = pass.value(op.y);
    std::vector<float> rows(pass.count(op.y));
    if (y.number == Number::fp32) {
      device_.download(rows.data(), y.data, rows.size() * sizeof(float));
    } else {
      std::vector<std::uint16_t> halves(rows.size());
      device_.download(halves.data(), y.data, halves.size() * sizeof halves[0]);
      std::transform(halves.begin(), halves.end(), rows.begin(), from_bf16);
    }
    visit(op, std::move(rows));
  };
  each_batch(
      some, parameters, statistics, [](int, const Pass&) {}, watch);
}

}  // namespace vernier::engine::cuda
