#include "engine/cuda/device_cohort.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "engine/cuda/buckets.h"
#include "engine/cuda/host_copy.h"

namespace vernier::engine::cuda {
namespace {

constexpr int updates_a_recording = 8;
constexpr std::int64_t updates_unheard = 64;  // between two looks at `cancel`

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Recipe recipe_for_device(const TrialSettings& settings, const Dataset& data) {
  Recipe recipe = make_recipe(settings, shape_of(data), null_log());
  if (const std::string what = cannot_train(recipe); !what.empty())
    fail<UsageError>("[resources.devices] a GPU cannot train with {} in this version", what);
  return recipe;
}

}  // namespace

struct DeviceCohort::Lane {
  Recipe recipe;
  Plan plan;  // of its own widths, one lane
  Progress progress;
  std::vector<std::pair<int, double>> rates;  // of its dropout layers
  std::vector<std::pair<int, int>> widths;    // of what they see, where it has a bucket
  OptimizerClock clock;                       // behind the step that is trained
  bool held = false;
};

DeviceCohort::DeviceCohort(const TrialSettings& settings, std::shared_ptr<const Dataset> data,
                           std::shared_ptr<const ResidentData> resident, Device& device,
                           std::string device_kind, int lanes)
    : data_(std::move(data)),
      resident_(std::move(resident)),
      device_(device),
      device_kind_(std::move(device_kind)),
      layout_(make_layout(recipe_for_device(settings, *data_), *data_, lanes)),
      memory_(device, layout_.bytes),
      runner_(device, layout_, memory_.as<std::byte>()),
      lanes_(static_cast<std::size_t>(lanes)) {
  key_ = device_key(settings, make_recipe(settings, shape_of(*data_), null_log()));
  device_.fill(memory_.as<void>(), 0, layout_.bytes);
  runner_.update(resident_->train);  // no lane is active: only makes ready what is not recorded
  device_.synchronize();
  once_ = record(1);
  several_ = record(updates_a_recording);
}

DeviceCohort::~DeviceCohort() = default;

std::unique_ptr<Recording> DeviceCohort::record(int updates) const {
  device_.begin_recording();
  for (int i = 0; i < updates; ++i) runner_.update(resident_->train);
  return device_.end_recording();
}

std::byte* DeviceCohort::place(const Region& region, int number) const {
  return memory_.bytes_at(region.offset + region.stride * static_cast<std::size_t>(number));
}

int DeviceCohort::free_lanes() const {
  return static_cast<int>(std::count(lanes_.begin(), lanes_.end(), nullptr));
}

int DeviceCohort::admit(const TrialSettings& settings, const Checkpoint* from) {
  auto lane = std::make_unique<Lane>();
  lane->recipe = recipe_for_device(settings, *data_);
  const std::string key = device_key(settings, lane->recipe);
  if (key != key_) {
    fail<UsageError>("[cohort] a lane of '{}' cannot join one of '{}'; expected the same", key,
                     key_);
  }
  const auto free = std::find(lanes_.begin(), lanes_.end(), nullptr);
  if (free == lanes_.end())
    fail<UsageError>("[cohort] all {} lanes are taken; expected one to be retired", lanes_.size());
  const int number = static_cast<int>(free - lanes_.begin());
  each_layer(lane->recipe.architecture.layers, [&](const Layer& layer) {
    if (const auto* dropout = std::get_if<DropoutLayer>(&layer.kind))
      lane->rates.emplace_back(dropout->number, dropout->rate);
  });
  PlanOptions options = layout_.plan.options;
  options.lanes = 1;
  options.scratch = nullptr;
  options.prepare = nullptr;
  lane->plan = make_plan(lane->recipe.architecture, options);
  HostCopy copy(lane->plan, layout_.plan);
  LaneTensors(lane->recipe, lane->plan, copy.memory()).begin(from, lane->progress);
  for (const HostCopy::Part& part : copy.parts()) {
    const std::vector<float> wide = copy.spread(part);
    device_.upload(place(part.region, number), wide.data(), wide.size() * sizeof(float));
  }
  mark_real(*lane, number);
  *free = std::move(lane);
  return number;
}

/// Tells the device which of its weights are the lane's own.
void DeviceCohort::mark_real(Lane& lane, int number) const {
  if (layout_.real.stride == 0) return;
  std::vector<std::uint8_t> real(layout_.plan.parameter_floats);
  for (const Run& run : runs_of(lane.plan, layout_.plan, Role::parameter))
    std::fill_n(real.begin() + static_cast<std::ptrdiff_t>(run.wide), run.count, 1);
  device_.upload(place(layout_.real, number), real.data(), real.size());
  for (const Op& op : lane.plan.graph.forward)
    if (op.kind == OpKind::dropout)
      lane.widths.emplace_back(op.number, lane.plan.graph.at(op.x).shape.back());
}

DeviceCohort::Lane& DeviceCohort::lane(int number) const {
  const auto i = static_cast<std::size_t>(number);
  if (number < 0 || i >= lanes_.size() || !lanes_[i])
    fail<UsageError>("[cohort] no lane {}; expected one that admit() returned", number);
  return *lanes_[i];
}

void DeviceCohort::hold(int number, bool held) { lane(number).held = held; }

/// Tells the device what each lane is to do. The most updates that a lane has before it; 0: none has any.
std::int64_t DeviceCohort::begin_step() {
  std::vector<LaneState> states(lanes_.size());
  std::vector<OptimizerStep<float>> coefficients(lanes_.size() * layout_.steps);
  std::int64_t most = 0;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!lanes_[i]) continue;
    Lane& lane = *lanes_[i];
    if (lane.held || lane.progress.ended || lane.progress.diverged) continue;
    const Recipe& recipe = lane.recipe;
    LaneState& state = states[i];
    state.order = recipe.key(Stream::order);
    state.dropout = recipe.key(Stream::dropout);
    state.augment = recipe.key(Stream::augment);
    state.rule = recipe.augment;
    state.smoothing = static_cast<float>(recipe.smoothing);
    state.clip_norm = recipe.clip_norm;
    state.average = static_cast<float>(recipe.average);
    for (const auto& [number, rate] : lane.rates)
      if (number < most_dropouts) state.rates[number] = rate;
    for (const auto& [number, width] : lane.widths) state.widths[number] = width;
    state.first = state.update = lane.progress.update;
    state.until = recipe.updates_at(lane.progress.step + 1);
    state.steps = reinterpret_cast<const OptimizerStep<float>*>(
        place(layout_.coefficients, static_cast<int>(i)));
    lane.clock = lane.progress.clock;
    for (std::int64_t u = state.first; u < state.until; ++u) {
      coefficients[i * layout_.steps + static_cast<std::size_t>(u - state.first)] =
          next_step<float>(
              recipe.optimizer, recipe.hyper,
              learning_rate(recipe.schedule, u, recipe.updates(), lane.progress.plateau),
              lane.clock);
    }
    most = std::max(most, state.until - state.first);
  }
  if (most == 0) return 0;
  device_.upload(memory_.bytes_at(layout_.state.offset), states.data(),
                 states.size() * sizeof(LaneState));
  device_.upload(memory_.bytes_at(layout_.coefficients.offset), coefficients.data(),
                 coefficients.size() * sizeof coefficients[0]);
  return most;
}

/// False where it was cancelled. Lanes that are done let further updates pass.
bool DeviceCohort::train(std::int64_t updates, const std::atomic<bool>& cancel,
                         const std::function<void()>& heartbeat) const {
  while (updates > 0) {
    std::int64_t now = std::min(updates, updates_unheard);
    updates -= now;
    for (; now >= updates_a_recording; now -= updates_a_recording) device_.replay(*several_);
    for (; now > 0; --now) device_.replay(*once_);
    device_.synchronize();
    if (cancel.load(std::memory_order_relaxed)) return false;
    if (heartbeat) heartbeat();
  }
  return true;
}

void DeviceCohort::evaluate(const ResidentPart& part, const Region& parameters,
                            const Region& statistics, std::vector<LaneSums>& sums) const {
  runner_.evaluate(part, parameters, statistics);
  sums.resize(lanes_.size());
  device_.download(sums.data(), memory_.bytes_at(layout_.sums.offset),
                   sums.size() * sizeof(LaneSums));
}

std::vector<MetricRow> DeviceCohort::advance(const std::atomic<bool>& cancel,
                                             const std::function<void()>& heartbeat) {
  if (cancel.load(std::memory_order_relaxed)) return {};
  const double start = seconds_now();
  const std::int64_t updates = begin_step();
  if (updates == 0 || !train(updates, cancel, heartbeat)) return {};
  const double trained = seconds_now() - start;
  const Plan& plan = layout_.plan;
  std::vector<LaneSums> sums;
  evaluate(resident_->valid, plan.options.average ? plan.average : plan.parameter, plan.statistic,
           sums);
  std::vector<LaneState> states(lanes_.size());
  device_.download(states.data(), memory_.bytes_at(layout_.state.offset),
                   states.size() * sizeof(LaneState));
  std::vector<MetricRow> rows;
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    if (states[i].update > states[i].first) rows.push_back(close_lane(i, states[i], sums[i]));
  const double seconds = seconds_now() - start;
  for (MetricRow& row : rows) {
    const LaneState& state = states[static_cast<std::size_t>(row.lane)];
    row.timings = step_timings(lane(row.lane).recipe, state.update - state.first, seconds, trained);
  }
  return rows;
}

MetricRow DeviceCohort::close_lane(std::size_t i, const LaneState& state, const LaneSums& sums) {
  Lane& lane = *lanes_[i];
  const Recipe& recipe = lane.recipe;
  Progress& progress = lane.progress;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double last_rate =
      learning_rate(recipe.schedule, state.update - 1, recipe.updates(), progress.plateau);
  if (state.update < state.until) {
    for (std::int64_t u = state.first; u < state.update; ++u)
      next_step<float>(recipe.optimizer, recipe.hyper, last_rate, progress.clock);
  } else {
    progress.clock = lane.clock;
  }
  progress.update = state.update;
  progress.diverged = state.diverged != 0;
  ++progress.step;
  std::pair<double, double> valid{nan, nan};
  if (!progress.diverged)
    valid = part_metrics(recipe, data_->valid, data_->outputs, sums.loss, sums.correct);
  MetricRow row;
  row.lane = static_cast<int>(i);
  row.results =
      step_results(recipe, {state.loss, state.norms, state.correct, state.update - state.first},
                   valid, last_rate, std::sqrt(sums.squares));
  if (close_step(recipe, progress, row) && layout_.plan.options.keep_best) {
    const Plan& plan = layout_.plan;
    std::byte* best = place(plan.best, row.lane);
    device_.copy(best, place(plan.options.average ? plan.average : plan.parameter, row.lane),
                 plan.parameter.stride);
    if (plan.statistic.stride > 0)
      device_.copy(best + plan.parameter.stride, place(plan.statistic, row.lane),
                   plan.statistic.stride);
  }
  return row;
}

std::unique_ptr<HostCopy> DeviceCohort::download(int number) const {
  auto copy = std::make_unique<HostCopy>(lane(number).plan, layout_.plan);
  for (const HostCopy::Part& part : copy->parts()) {
    std::vector<float> wide(part.wide);
    device_.download(wide.data(), place(part.region, number), wide.size() * sizeof(float));
    copy->collect(part, wide);
  }
  return copy;
}

Checkpoint DeviceCohort::save(int number) const {
  const Lane& of = lane(number);
  const auto copy = download(number);
  return LaneTensors(of.recipe, of.plan, copy->memory()).save(of.progress, device_kind_);
}

Checkpoint DeviceCohort::save_best(int number) const {
  const Lane& of = lane(number);
  const auto copy = download(number);
  return LaneTensors(of.recipe, of.plan, copy->memory()).save_best(of.progress, device_kind_);
}

std::string DeviceCohort::weights_hash(int number) const {
  const Lane& of = lane(number);
  const auto copy = download(number);
  return LaneTensors(of.recipe, of.plan, copy->memory()).weights_hash();
}

Metrics DeviceCohort::test(int number) {
  const Lane& of = lane(number);
  require_test_part(*data_);
  const Plan& plan = layout_.plan;
  std::vector<LaneSums> sums;
  if (plan.options.keep_best && of.progress.best_step > 0) {
    const Region statistics{plan.best.offset + plan.parameter.stride, plan.best.stride};
    evaluate(resident_->test, plan.best, statistics, sums);
  } else {
    evaluate(resident_->test, plan.options.average ? plan.average : plan.parameter, plan.statistic,
             sums);
  }
  const LaneSums& own = sums[static_cast<std::size_t>(number)];
  return test_results(of.recipe,
                      part_metrics(of.recipe, data_->test, data_->outputs, own.loss, own.correct));
}

void DeviceCohort::retire(int number) {
  lane(number);
  lanes_[static_cast<std::size_t>(number)].reset();
}

}  // namespace vernier::engine::cuda
