#include "engine/cuda/step_shown.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "engine/cuda/runner.h"

namespace vernier::engine::cuda {
namespace {

/// Of rows `wide` apart the first `own` numbers each.
std::vector<float> narrowed(const std::vector<float>& rows, std::size_t wide, std::size_t own) {
  std::vector<float> all;
  for (auto row = rows.begin(); row != rows.end(); row += static_cast<std::ptrdiff_t>(wide))
    all.insert(all.end(), row, row + static_cast<std::ptrdiff_t>(own));
  return all;
}

}  // namespace

StepShown::StepShown(Device& device, const Layout& layout, const LanePlaces& places,
                     const Dataset& data, const ResidentPart& valid, std::vector<int> lanes,
                     bool norms)
    : device_(device), layout_(layout), places_(places), data_(data), valid_(valid) {
  const auto by_place = [&](int a, int b) { return places.place(a) < places.place(b); };
  const auto [least, most] = std::minmax_element(lanes.begin(), lanes.end(), by_place);
  range_ = {places.place(*least), places.place(*most) - places.place(*least) + 1};
  if (!norms) return;
  norms_.resize(layout.training.layers.size() * static_cast<std::size_t>(range_.count));
  device.download(norms_.data(), places.at(layout.layer_norms, *least),
                  norms_.size() * sizeof norms_[0]);
}

Scene StepShown::scene(int lane, const Recipe& recipe, const Plan& plan, std::int64_t updates,
                       bool diverged) {
  Scene scene;
  scene.recipe = &recipe;
  scene.data = &data_;
  scene.plan = &plan;
  scene.diverged = diverged;
  if (recipe.record.has("gradients")) {
    const std::size_t layers = layout_.training.layers.size();
    const auto own = std::span(norms_).subspan(
        layers * static_cast<std::size_t>(places_.place(lane) - range_.first), layers);
    for (const double sum : own) scene.gradient_norms.push_back(sum / static_cast<double>(updates));
  }
  copy_.reset();
  scene.parameters = [this, lane, &recipe, &plan] {
    if (!copy_) {
      copy_ = std::make_unique<HostCopy>(plan, layout_.plan);
      places_.read(lane, *copy_);
    }
    return LaneTensors(recipe, plan, copy_->memory()).current().parameters;
  };
  scene.outputs = [this, lane](const Part& part) { return outputs(lane, part); };
  scene.activations = [this, lane, &plan](const Scene::Visit& visit) {
    activations(lane, plan, visit);
  };
  return scene;
}

std::vector<float> StepShown::outputs(int lane, const Part& part) {
  if (&part == &data_.valid) return valid_outputs(lane);
  const std::size_t features = part.x.size() / static_cast<std::size_t>(part.n);
  if (layout_.points.offset == 0)
    fail<UsageError>(
        "[train.record] a GPU has no room for {} inputs of its own examples; expected 2", features);
  std::byte* points = places_.memory() + layout_.points.offset;
  const Runner runner(device_, layout_, places_.memory(), {places_.place(lane), 1});
  ResidentPart there;
  there.x.numbers = reinterpret_cast<const float*>(points);
  std::vector<float> all;
  for (int first = 0; first < part.n; first += there.n) {
    there.n = std::min(layout_.plan.options.evaluation_rows, part.n - first);
    device_.upload(points, part.x.data() + static_cast<std::size_t>(first) * features,
                   static_cast<std::size_t>(there.n) * features * sizeof(float));
    const auto own = runner.outputs(there, layout_.current(), layout_.plan.statistic);
    all.insert(all.end(), own[0].begin(), own[0].end());
  }
  return all;
}

std::vector<float> StepShown::valid_outputs(int lane) {
  if (valid_outputs_.empty()) {
    const Runner runner(device_, layout_, places_.memory(), range_);
    valid_outputs_ = runner.outputs(valid_, layout_.current(), layout_.plan.statistic);
  }
  return valid_outputs_[static_cast<std::size_t>(places_.place(lane) - range_.first)];
}

void StepShown::activations(int lane, const Plan& own, const Scene::Visit& visit) const {
  const Graph& wide = layout_.plan.graph;
  const Runner runner(device_, layout_, places_.memory(), {places_.place(lane), 1});
  runner.activations(
      valid_, layout_.current(), layout_.plan.statistic,
      [&](const Op& op, std::vector<float> rows) {
        const Op& same = own.graph.forward[static_cast<std::size_t>(&op - wide.forward.data())];
        const Tensor& y = own.graph.at(same.y);
        const std::size_t columns = elements(y.shape), most = elements(wide.at(op.y).shape);
        if (columns < most) rows = narrowed(rows, most, columns);
        visit(y.name.substr(0, y.name.rfind('.')), rows);
      });
}

}  // namespace vernier::engine::cuda
