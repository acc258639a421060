#include "engine/cuda/runner.h"

#include <algorithm>

#include "engine/cuda/runner_pass.h"

namespace vernier::engine::cuda {

RowLosses Runner::row_losses() const {
  return {at<float>(layout_.losses), at<std::int32_t>(layout_.correct),
          static_cast<std::size_t>(layout_.rows)};
}

Outputs Runner::outputs_of(const Pass& pass) const {
  return {pass.value(plan_.graph.outputs), at<float>(layout_.wide), floats(layout_.wide.stride)};
}

/// Uses the partial sums' room anew for each layer.
void Runner::add_layer_norms() const {
  const auto blocks = static_cast<std::size_t>(layout_.partial_blocks);
  double* norm = at<double>(layout_.layer_norms);
  for (const auto& layer : layout_.training.layers) {
    std::size_t block = 0;
    for (const auto& [begin, end] : layer) {
      const int each = teams(end - begin, elements_per_team);
      device_.launch(PartialSquares{at<float>(plan_.gradient) + begin, partial() + block,
                                    floats(plan_.parameter.stride), blocks, end - begin},
                     each, lanes_.count);
      block += static_cast<std::size_t>(each);
    }
    device_.launch(AddNorm{states(), norm++, partial(), layout_.layer_norms.stride / sizeof(double),
                           blocks, static_cast<int>(block)},
                   1, lanes_.count);
  }
}

void Runner::apply_gradients(bool layer_norms) const {
  const Plan& plan = plan_;
  const int lanes = lanes_.count;
  const std::size_t stride = floats(plan.parameter.stride);
  const auto from = [&](const Region& region, std::size_t begin) {
    return at<float>(region) + begin;
  };
  const auto blocks = static_cast<std::size_t>(layout_.partial_blocks);
  if (layout_.real.stride > 0) {
    device_.launch(KeepReal{at<float>(plan.gradient), at<std::uint8_t>(layout_.real), stride,
                            plan.parameter_floats},
                   teams(plan.parameter_floats, elements_per_team), lanes);
  }
  std::size_t block = 0;
  for (const auto& [begin, end] : layout_.training.learning) {
    const int each = teams(end - begin, elements_per_team);
    device_.launch(
        PartialSquares{from(plan.gradient, begin), partial() + block, stride, blocks, end - begin},
        each, lanes);
    block += static_cast<std::size_t>(each);
  }
  device_.launch(FinishGradient{states(), partial(), blocks, static_cast<int>(block)}, 1, lanes);
  if (layer_norms) add_layer_norms();
  for (const auto& [begin, end] : layout_.training.learning) {
    UpdateWeights update{states(),
                         layout_.training.optimizer,
                         from(plan.parameter, begin),
                         from(plan.gradient, begin),
                         {},
                         nullptr,
                         stride,
                         end - begin};
    for (int s = 0; s < plan.options.optimizer_states; ++s)
      update.states[s] = from(plan.state[s], begin);
    if (plan.options.average) update.average = from(plan.average, begin);
    device_.launch(update, teams(end - begin, elements_per_team), lanes);
  }
  device_.launch(Advance{states()}, 1, lanes);
}

/// The parameters as products read them: as they are, or rounded anew.
ConstCells Runner::weights(const float* parameters, std::size_t stride) const {
  const ConstCells exact{parameters, stride, Number::fp32};
  if (layout_.narrow.stride == 0) return exact;
  const Cells rounded{at<std::byte>(layout_.narrow), layout_.narrow.stride / bytes_of(Number::bf16),
                      Number::bf16};
  device_.launch(Copy{rounded, exact, plan_.parameter_floats},
                 teams(plan_.parameter_floats, elements_per_team), lanes_.count);
  return rounded;
}

void Runner::update(const ResidentPart& part, bool layer_norms) const {
  const Graph& graph = plan_.graph;
  const int lanes = lanes_.count;
  Pass pass{plan_,
            lanes_.count,
            plan_.training,
            at<std::byte>(plan_.workspace),
            at<float>(plan_.parameter),
            at<float>(plan_.gradient),
            at<float>(plan_.statistic),
            floats(plan_.parameter.stride),
            floats(plan_.statistic.stride),
            {},
            plan_.options.batch};
  pass.weights = weights(pass.parameters, pass.parameter_stride);
  const BatchOrder order{states(), part.n, pass.rows, layout_.training.updates_per_epoch};
  if (layout_.training.augment) {
    device_.launch(GatherAugmented{order, part.x, pass.value(graph.input)}, pass.rows, lanes);
  } else {
    device_.launch(GatherRows{order, part.x, pass.value(graph.input), pass.width(graph.input)},
                   pass.rows, lanes);
  }
  for (const Op& op : graph.forward) forward(op, pass);

  const int units = pass.width(graph.outputs);
  const int row_teams = teams(static_cast<std::size_t>(pass.rows), rows_per_team);
  float* targets = pass.number(graph.targets);
  if (part.labels == nullptr) {
    const Cells to{targets, pass.stride(), Number::fp32};
    device_.launch(GatherRows{order, {part.targets, nullptr, nullptr, nullptr}, to, units},
                   pass.rows, lanes);
    device_.launch(
        NumberLoss{outputs_of(pass), targets, row_losses(), pass.stride(), pass.rows, units, true},
        row_teams, lanes);
  } else {
    auto* labels = reinterpret_cast<std::int32_t*>(targets);
    device_.launch(GatherLabels{order, part.labels, labels, pass.stride()}, 1, lanes);
    device_.launch(ClassLoss{states(), outputs_of(pass), labels, row_losses(), pass.stride(),
                             pass.rows, units, layout_.training.loss, true},
                   row_teams, lanes);
  }
  device_.launch(LossSums{states(), row_losses(), pass.rows, nullptr}, 1, lanes);
  for (const Op& op : graph.backward) backward(op, pass);
  apply_gradients(layer_norms);
}

/// Some examples, for every lane: as they lie where that serves, else as values.
void Runner::read_examples(const ResidentPart& part, int first, Pass& pass) const {
  const TensorId input = plan_.graph.input;
  const std::size_t count = pass.count(input);
  const int width = pass.width(input);
  const bool each = plan_.options.evaluation_input;
  if (!each && layout_.examples.offset == 0) {
    pass.input = {
        part.x.numbers + static_cast<std::size_t>(first) * static_cast<std::size_t>(width), 0,
        Number::fp32};
    return;
  }
  Cells to = pass.value(input);
  if (!each) pass.input = to = {memory_ + layout_.examples.offset, 0, to.number};
  device_.launch(ReadExamples{part.x, static_cast<std::uint64_t>(first), to, count, width},
                 teams(count, elements_per_team), each ? pass.lanes() : 1);
}

void Runner::evaluate(const ResidentPart& part, const Region& parameters,
                      const Region& statistics) const {
  const int lanes = lanes_.count;
  device_.fill(sums(), 0, static_cast<std::size_t>(lanes) * sizeof(LaneSums));
  const auto add_losses = [&](int first, const Pass& pass) {
    const auto from = static_cast<std::size_t>(first);
    const int units = pass.width(plan_.graph.outputs);
    const int row_teams = teams(static_cast<std::size_t>(pass.rows), rows_per_team);
    if (part.labels == nullptr) {
      const float* targets = part.targets + from * static_cast<std::size_t>(units);
      device_.launch(
          NumberLoss{outputs_of(pass), targets, row_losses(), 0, pass.rows, units, false},
          row_teams, lanes);
    } else {
      device_.launch(ClassLoss{states(), outputs_of(pass), part.labels + from, row_losses(), 0,
                               pass.rows, units, layout_.training.loss, false},
                     row_teams, lanes);
    }
    device_.launch(LossSums{nullptr, row_losses(), pass.rows, sums()}, 1, lanes);
  };
  each_batch(part, parameters, statistics, add_losses, [](const Op&, const Pass&) {});
  const auto blocks = static_cast<std::size_t>(layout_.partial_blocks);
  const int each = teams(plan_.parameter_floats, elements_per_team);
  device_.launch(PartialSquares{at<float>(plan_.parameter), partial(),
                                floats(plan_.parameter.stride), blocks, plan_.parameter_floats},
                 each, lanes);
  device_.launch(SumSquares{sums(), partial(), blocks, each}, 1, lanes);
}

}  // namespace vernier::engine::cuda
