#include "engine/cohort/cpu_lane.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "core/error.h"
#include "core/hash.h"
#include "engine/cohort/transfer.h"
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
  if (from != nullptr && from->start) {
    start_with(*from);
  } else if (from != nullptr) {
    restore(*from);
  } else {
    initialise();
  }
  find_learning();
  find_layers();
}

void CpuLane::find_learning() {
  const auto frozen = [&](const Tensor& tensor) {
    return std::find(recipe_.frozen.begin(), recipe_.frozen.end(), layer_of(tensor.name)) !=
           recipe_.frozen.end();
  };
  learning_ = {{0, plan_.parameter_floats}};
  const float* parameters = region(plan_.parameter);
  each_tensor(Role::parameter, "", region(plan_.parameter),
              [&](const Tensor& tensor, const std::string&, std::span<float> values) {
                if (!frozen(tensor)) return;
                const auto begin = static_cast<std::size_t>(values.data() - parameters);
                const std::size_t end = learning_.back().second;
                learning_.back().second = begin;
                const std::size_t behind = (begin + values.size() + 15) / 16 * 16;  // as laid out
                learning_.emplace_back(std::min(behind, end), end);
              });
  const float* statistics = region(plan_.statistic);
  each_tensor(Role::statistic, "", region(plan_.statistic),
              [&](const Tensor& tensor, const std::string&, std::span<float> values) {
                if (frozen(tensor))
                  kept_.emplace_back(values.data() - statistics,
                                     std::vector<float>(values.begin(), values.end()));
              });
}

void CpuLane::initialise() {
  const auto draw = [&](const Tensor& tensor, const std::string&, std::span<float> to) {
    for (std::size_t i = 0; i < to.size(); ++i) {
      to[i] = initial_weight(tensor.init, recipe_.key(Stream::init), tensor.number, i);
    }
  };
  each_tensor(Role::parameter, "", region(plan_.parameter), draw);
  each_tensor(Role::statistic, "", region(plan_.statistic), draw);
  if (plan_.options.average) {
    std::copy_n(region(plan_.parameter), plan_.parameter_floats, region(plan_.average));
  }
}

cpu::Weights CpuLane::current_weights() const {
  return {region(plan_.options.average ? plan_.average : plan_.parameter), region(plan_.statistic)};
}

cpu::Weights CpuLane::best_weights() const {
  if (!plan_.options.keep_best || progress_.best_step == 0) return current_weights();
  float* best = region(plan_.best);
  return {best, best + plan_.parameter_floats};
}

void CpuLane::keep_best() {
  const cpu::Weights now = current_weights();
  float* best = region(plan_.best);
  std::copy_n(now.parameters, plan_.parameter_floats, best);
  std::copy_n(now.statistics, plan_.statistic_floats, best + plan_.parameter_floats);
}

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
  cpu::LossSum sums;
  double norms = 0;
  std::fill(gradient_norms_.begin(), gradient_norms_.end(), 0.0);
  while (progress_.update < end && !progress_.diverged) {
    if (cancel.load(std::memory_order_relaxed)) return std::nullopt;
    double norm = 0;
    const cpu::LossSum sum = update(norm);
    sums.loss += sum.loss;
    sums.correct += sum.correct;
    norms += norm;
    progress_.diverged = !std::isfinite(sum.loss) || !std::isfinite(norm);
    if (heartbeat) heartbeat();
  }
  const double trained = seconds_now() - start;
  const std::int64_t updates = progress_.update - first;
  ++progress_.step;
  MetricRow row = measure(sums, norms, updates);
  row.timings = {{"seconds", seconds_now() - start},
                 {"examples_per_second", static_cast<double>(updates * recipe_.batch) / trained},
                 {"update_us", trained / static_cast<double>(updates) * 1e6}};
  return row;
}

MetricRow CpuLane::measure(const cpu::LossSum& sums, double gradient_norms, std::int64_t updates) {
  const double examples = static_cast<double>(updates * recipe_.batch);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  double valid_loss = nan;
  double valid_score = nan;
  if (!progress_.diverged) {
    const auto metrics = evaluate_metrics(data_.valid, current_weights());
    valid_loss = metrics.first;
    valid_score = metrics.second;
  }
  const double weight_norm =
      std::sqrt(cpu::sum_of_squares(region(plan_.parameter), plan_.parameter_floats));
  MetricRow row;
  row.step = progress_.step;
  row.results.emplace_back("train_loss", sums.loss / examples);
  if (recipe_.classes) {
    row.results.emplace_back("train_acc", static_cast<double>(sums.correct) / examples);
  }
  row.results.emplace_back("val_loss", valid_loss);
  row.results.emplace_back(recipe_.classes ? "val_acc" : "val_r2", valid_score);
  row.results.emplace_back("lr", learning_rate_);
  row.results.emplace_back("grad_norm", gradient_norms / static_cast<double>(updates));
  row.results.emplace_back("weight_norm", weight_norm);
  const bool records = !recipe_.record.kinds.empty();
  const Scene shown = records ? scene(updates) : Scene{};
  if (records) add_recorded_metrics(shown, row);
  if (!std::isfinite(valid_loss) || !std::isfinite(weight_norm)) progress_.diverged = true;

  double value = nan;
  for (const auto& [name, number] : row.results) {
    if (name == recipe_.metric) value = number;
  }
  if (!progress_.diverged && progress_.observe(recipe_, value) && plan_.options.keep_best) {
    keep_best();
  }
  row.diverged = progress_.diverged;
  row.ended = progress_.ended;
  row.early = progress_.early;
  if (records && !row.diverged && recipe_.record.due(row.step, row.ended))
    keep_pictures(shown, row);
  return row;
}

std::pair<double, double> CpuLane::evaluate_metrics(const Part& part,
                                                    const cpu::Weights& weights) const {
  const cpu::LossSum sum = runner_.evaluate(part, recipe_.loss, weights);
  const double loss = sum.loss / part.n;
  if (recipe_.classes) return {loss, static_cast<double>(sum.correct) / part.n};
  // 1 - residual / total sum of squares, over all outputs; the loss is the mean over outputs.
  const auto outputs = static_cast<std::size_t>(data_.outputs);
  double total = 0;
  for (std::size_t k = 0; k < outputs; ++k) {
    double mean = 0;
    for (std::size_t i = k; i < part.targets.size(); i += outputs) mean += part.targets[i];
    mean /= part.n;
    for (std::size_t i = k; i < part.targets.size(); i += outputs) {
      const double d = part.targets[i] - mean;
      total += d * d;
    }
  }
  const double residual = sum.loss * static_cast<double>(outputs);
  return {loss, total > 0 ? 1 - residual / total : 0.0};
}

std::vector<float> CpuLane::outputs(const Part& part) const {
  const cpu::ComputeScope scope;
  return runner_.outputs(part, best_weights());
}

Metrics CpuLane::test() const {
  if (data_.test.n < 1) {
    fail<UsageError>("[data.test] '{}' has no test part; expected at least one example",
                     data_.name);
  }
  const cpu::ComputeScope scope;
  const auto [loss, score] = evaluate_metrics(data_.test, best_weights());
  return {{"test_loss", loss}, {recipe_.classes ? "test_acc" : "test_r2", score}};
}

}  // namespace vernier::engine
