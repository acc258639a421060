#include "engine/cohort/cpu_lane.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/cohort/learning.h"
#include "engine/cpu/gemm.h"

namespace vernier::engine {
namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

CpuLane::CpuLane(Recipe recipe, const Dataset& data, const Checkpoint* from)
    : recipe_(std::move(recipe)),
      data_(data),
      plan_(make_plan(recipe_.architecture, recipe_.plan_options(data.valid.n))),
      arena_(plan_.bytes),
      runner_(plan_, arena_, 0) {
  tensors().begin(from, progress_);
  learning_ = learning_ranges(recipe_, plan_);
  const float* statistics = region(plan_.statistic);
  for (const auto& [begin, end] : frozen_statistics(recipe_, plan_))
    kept_.emplace_back(begin, std::vector<float>(statistics + begin, statistics + end));
  if (recipe_.record.has("gradients")) layers_ = layer_ranges(recipe_, plan_);
  gradient_norms_.resize(layers_.size());
}

LaneTensors CpuLane::tensors() const {
  LaneMemory memory;
  memory.parameter = region(plan_.parameter);
  for (int s = 0; s < plan_.options.optimizer_states; ++s) memory.state[s] = region(plan_.state[s]);
  if (plan_.options.average) memory.average = region(plan_.average);
  if (plan_.options.keep_best) memory.best = region(plan_.best);
  memory.statistic = region(plan_.statistic);
  return {recipe_, plan_, memory};
}

void CpuLane::keep_best() {
  const Weights now = tensors().current();
  float* best = region(plan_.best);
  std::copy_n(now.parameters, plan_.parameter_floats, best);
  std::copy_n(now.statistics, plan_.statistic_floats, best + plan_.parameter_floats);
}

Checkpoint CpuLane::save(const std::string& device_kind) const {
  return tensors().save(progress_, device_kind);
}
Checkpoint CpuLane::save_best(const std::string& device_kind) const {
  return tensors().save_best(progress_, device_kind);
}
std::string CpuLane::weights_hash() const { return tensors().weights_hash(); }

/// Gradient norm, then clipping, optimizer and averaging in one pass over blocks that stay in the cache.
double CpuLane::apply_gradients() {
  float* w = region(plan_.parameter);
  const float* g = region(plan_.gradient);
  if (!layers_.empty()) add_gradient_norms();
  const OptimizerStep<float> step =
      next_step<float>(recipe_.optimizer, recipe_.hyper, learning_rate_, progress_.clock);
  double squares = 0;
  float scale = 1;
  if (recipe_.clip_norm > 0) {  // as torch.nn.utils.clip_grad_norm_
    for (const auto& [begin, end] : learning_)
      squares += cpu::sum_of_squares(g + begin, end - begin);
    scale = static_cast<float>(std::min(1.0, recipe_.clip_norm / (std::sqrt(squares) + 1e-6)));
  }
  constexpr std::size_t block = 512;
  for (const auto& [begin, end] : learning_) {
    for (std::size_t i = begin; i < end; i += block) {
      const std::size_t n = std::min(block, end - i);
      if (recipe_.clip_norm <= 0) squares += cpu::sum_of_squares(g + i, n);
      float* states[3] = {};
      for (int s = 0; s < plan_.options.optimizer_states; ++s)
        states[s] = region(plan_.state[s]) + i;
      cpu::update_weights(recipe_.optimizer, step, scale, w + i, g + i, states, n);
      if (plan_.options.average) {
        cpu::average_weights(region(plan_.average) + i, w + i, static_cast<float>(recipe_.average),
                             n);
      }
    }
  }
  float* statistics = region(plan_.statistic);
  for (const auto& [begin, values] : kept_)
    std::copy(values.begin(), values.end(), statistics + begin);
  return std::sqrt(squares);
}

void CpuLane::start_epoch(std::int64_t epoch) {
  if (epoch == epoch_) return;
  epoch_ = epoch;
  order_.emplace(static_cast<std::uint64_t>(data_.train.n), recipe_.key(Stream::order),
                 static_cast<std::uint32_t>(epoch));
}

cpu::LossSum CpuLane::update(double& gradient_norm) {
  start_epoch(progress_.update / recipe_.updates_per_epoch);
  cpu::TrainBatch batch;
  batch.part = &data_.train;
  batch.order = &*order_;
  batch.first = static_cast<int>(progress_.update % recipe_.updates_per_epoch) * recipe_.batch;
  batch.loss = recipe_.loss;
  batch.smoothing = static_cast<float>(recipe_.smoothing);
  batch.dropout_key = recipe_.key(Stream::dropout);
  batch.augment = recipe_.augment;
  batch.augment_key = recipe_.key(Stream::augment);
  batch.update = static_cast<std::uint32_t>(progress_.update);
  const cpu::LossSum sum = runner_.gradients(batch);
  learning_rate_ =
      learning_rate(recipe_.schedule, progress_.update, recipe_.updates(), progress_.plateau);
  gradient_norm = apply_gradients();
  ++progress_.update;
  return sum;
}

std::optional<MetricRow> CpuLane::advance(const std::atomic<bool>& cancel,
                                          const std::function<void()>& heartbeat) {
  if (progress_.ended || progress_.diverged) return std::nullopt;
  const cpu::ComputeScope scope;
  const double start = seconds_now();
  const std::int64_t end = recipe_.updates_at(progress_.step + 1);
  const std::int64_t first = progress_.update;
  StepSums sums;
  std::fill(gradient_norms_.begin(), gradient_norms_.end(), 0.0);
  while (progress_.update < end && !progress_.diverged) {
    if (cancel.load(std::memory_order_relaxed)) return std::nullopt;
    double norm = 0;
    const cpu::LossSum sum = update(norm);
    sums.loss += sum.loss;
    sums.correct += sum.correct;
    sums.norms += norm;
    progress_.diverged = !std::isfinite(sum.loss) || !std::isfinite(norm);
    if (heartbeat) heartbeat();
  }
  const double trained = seconds_now() - start;
  sums.updates = progress_.update - first;
  ++progress_.step;
  MetricRow row = measure(sums);
  row.timings = step_timings(recipe_, sums.updates, seconds_now() - start, trained);
  return row;
}

MetricRow CpuLane::measure(const StepSums& sums) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::pair<double, double> valid{nan, nan};
  if (!progress_.diverged) valid = evaluate_metrics(data_.valid, tensors().current());
  MetricRow row;
  row.results =
      step_results(recipe_, sums, valid, learning_rate_,
                   std::sqrt(cpu::sum_of_squares(region(plan_.parameter), plan_.parameter_floats)));
  const bool records = !recipe_.record.kinds.empty();
  row.step = progress_.step;
  const Scene shown = records ? scene(sums.updates) : Scene{};
  if (records) add_recorded_metrics(shown, row);
  if (close_step(recipe_, progress_, row) && plan_.options.keep_best) keep_best();
  if (records && !row.diverged && recipe_.record.due(row.step, row.ended))
    keep_pictures(shown, row);
  return row;
}

std::pair<double, double> CpuLane::evaluate_metrics(const Part& part,
                                                    const Weights& weights) const {
  const cpu::LossSum sum = runner_.evaluate(part, recipe_.loss, weights);
  return part_metrics(recipe_, part, data_.outputs, sum.loss, sum.correct);
}

std::vector<float> CpuLane::outputs(const Part& part) const {
  const cpu::ComputeScope scope;
  return runner_.outputs(part, tensors().best(progress_));
}

Metrics CpuLane::test() const {
  require_test_part(data_);
  const cpu::ComputeScope scope;
  return test_results(recipe_, evaluate_metrics(data_.test, tensors().best(progress_)));
}

}  // namespace vernier::engine
