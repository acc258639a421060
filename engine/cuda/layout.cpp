#include "engine/cuda/layout.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/cohort/learning.h"
#include "engine/cuda/buckets.h"

namespace vernier::engine::cuda {
namespace {

constexpr std::size_t most_unfolded = std::size_t{1} << 22;  // floats, 16 MB a lane
constexpr int most_unfolded_rows = 256;
constexpr std::size_t most_drawn_inputs = 2;

/// What plan keeps for it; operations share the room.
std::size_t scratch_floats(const Graph& graph, const Op& op) {
  const std::size_t each = unfolded_floats(graph, op);
  const std::size_t unfolded = each * static_cast<std::size_t>(unfolded_rows(each));
  if (op.kind != OpKind::conv_weight_gradient || !by_cudnn(graph, op)) return unfolded;
  return std::max(unfolded, elements(graph.at(op.weight).shape));
}

/// Whether evaluation must have the examples once a lane: only products read them where they lie.
bool needs_input(const Graph& graph) {
  return std::any_of(graph.forward.begin(), graph.forward.end(), [&](const Op& op) {
    const bool in_place = op.kind == OpKind::dropout && op.y == op.x;
    return (op.x == graph.input || op.z == graph.input) && op.kind != OpKind::dense &&
           op.kind != OpKind::conv && !in_place;
  });
}

/// The most blocks whose squares are added up at once.
std::size_t partial_blocks(const Plan& plan, const Training& training) {
  std::size_t all = 0;
  for (const auto& [begin, end] : training.learning) all += blocks_of(end - begin);
  std::size_t most = std::max(all, blocks_of(plan.parameter_floats));
  for (const auto& layer : training.layers) {
    std::size_t own = 0;
    for (const auto& [begin, end] : layer) own += blocks_of(end - begin);
    most = std::max(most, own);
  }
  return most;
}

}  // namespace

std::size_t blocks_of(std::size_t count) {
  return (count + elements_per_team - 1) / elements_per_team;
}

std::size_t unfolded_floats(const Graph& graph, const Op& op) {
  const bool forward = op.kind == OpKind::conv;
  if (!forward && op.kind != OpKind::conv_input_gradient && op.kind != OpKind::conv_weight_gradient)
    return 0;
  const Shape& input = graph.at(op.kind == OpKind::conv_input_gradient ? op.dx : op.x).shape;
  const Shape& output = graph.at(forward ? op.y : op.dy).shape;
  const Window& w = op.window;
  if (op.groups == 1 && w.height == 1 && w.width == 1 && w.stride == 1 && input[0] == output[0] &&
      input[1] == output[1])
    return 0;
  return static_cast<std::size_t>(output[0]) * static_cast<std::size_t>(output[1]) *
         static_cast<std::size_t>(w.height * w.width * input[2] / op.groups);
}

int unfolded_rows(std::size_t floats) {
  if (floats == 0) return 0;
  return std::clamp(static_cast<int>(most_unfolded / floats), 1, most_unfolded_rows);
}

Layout make_layout(const Recipe& recipe, const Dataset& data, int lanes) {
  Layout layout;
  PlanOptions options = recipe.plan_options(data.valid.n);
  options.lanes = lanes;
  options.scratch = scratch_floats;
  options.prepare = share_relu_masks;
  options.value_bytes = bytes_of(value_number(recipe.precision));
  const Architecture wide = widened(recipe.architecture);
  options.evaluation_input = needs_input(build_graph(wide));
  layout.plan = make_plan(wide, options);
  layout.rows = std::max(options.batch, options.evaluation_rows);
  for (int step = 1; step <= recipe.measures_per_epoch; ++step)
    layout.steps = std::max(layout.steps, static_cast<std::size_t>(recipe.updates_at(step) -
                                                                   recipe.updates_at(step - 1)));

  Training& training = layout.training;
  training.loss = recipe.loss;
  training.optimizer = recipe.optimizer;
  training.precision = recipe.precision;
  training.updates_per_epoch = static_cast<int>(recipe.updates_per_epoch);
  training.learning = learning_ranges(recipe, layout.plan);
  training.frozen = recipe.frozen;
  training.augment = recipe.augment.on();
  training.layers = layer_ranges(recipe, layout.plan);
  const std::size_t partial = partial_blocks(layout.plan, training);
  layout.partial_blocks = static_cast<int>(partial);

  layout.bytes = layout.plan.bytes;
  const auto take = [&](Region& region, std::size_t stride) {
    region = {layout.bytes, stride};
    layout.bytes += (stride * static_cast<std::size_t>(lanes) + arena_alignment - 1) /
                    arena_alignment * arena_alignment;
  };
  const auto rows = static_cast<std::size_t>(layout.rows);
  take(layout.state, sizeof(LaneState));
  take(layout.sums, sizeof(LaneSums));
  take(layout.coefficients, layout.steps * sizeof(OptimizerStep<float>));
  take(layout.losses, rows * sizeof(float));
  take(layout.correct, rows * sizeof(std::int32_t));
  take(layout.partial, partial * sizeof(double));
  take(layout.layer_norms, training.layers.size() * sizeof(double));
  if (can_widen(recipe.architecture)) take(layout.real, layout.plan.parameter_floats);
  const Graph& graph = layout.plan.graph;
  const bool bf16 = recipe.precision == Precision::bf16;
  take(layout.wide, rows * elements(graph.at(graph.outputs).shape) * sizeof(float));
  if (bf16) take(layout.narrow, layout.plan.parameter_floats * bytes_of(Number::bf16));
  if (std::any_of(graph.forward.begin(), graph.forward.end(),
                  [&](const Op& op) { return by_cudnn(graph, op); }))
    take(layout.turned, layout.plan.parameter_floats * options.value_bytes);
  const std::size_t features = elements(graph.at(graph.input).shape);
  const auto take_once = [&](Region& region, std::size_t bytes) {
    region = {layout.bytes, 0};
    layout.bytes += (bytes + arena_alignment - 1) / arena_alignment * arena_alignment;
  };
  const std::size_t numbers = static_cast<std::size_t>(options.evaluation_rows) * features;
  if (!options.evaluation_input && (bf16 || as_bytes(data)))
    take_once(layout.examples, numbers * options.value_bytes);
  if (features <= most_drawn_inputs) take_once(layout.points, numbers * sizeof(float));
  return layout;
}

std::string cannot_train(const Recipe& recipe) {
  const Graph graph = build_graph(recipe.architecture);
  int dropouts = 0;
  for (const Op& op : graph.forward) {
    if (op.kind == OpKind::dropout) dropouts = std::max(dropouts, op.number + 1);
    if (op.kind == OpKind::pool && op.window.height * op.window.width > 255)
      if (op.pooling == Pooling::max) return "maxima of windows of more than 255 pixels";
  }
  if (dropouts > most_dropouts) return fmt::format("more than {} dropout layers", most_dropouts);
  return "";
}

std::string device_key(const TrialSettings& settings, const Recipe& recipe) {
  Recipe wide = recipe;
  wide.architecture = widened(recipe.architecture);
  std::string key = fusion_key(settings, wide, true);
  key += fmt::format("|{} a epoch{}", recipe.measures_per_epoch,
                     recipe.early_stop.restore && !recipe.metric.empty() ? "|best" : "");
  each_layer(recipe.architecture.layers, [&](const Layer& layer) {
    const auto* dropout = std::get_if<DropoutLayer>(&layer.kind);
    if (dropout != nullptr && dropout->rate > 0) key += fmt::format("|drop {}", dropout->number);
  });
  for (const std::string& layer : recipe.frozen) key += "|frozen " + layer;
  return key;
}

}  // namespace vernier::engine::cuda
