// A step of a cohort: what its lanes are told, their updates, evaluation, and a row each.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

#include "engine/cuda/device_lane.h"
#include "engine/cuda/runner.h"

namespace vernier::engine::cuda {
namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

/// Which lanes take the next step.
std::vector<bool> DeviceCohort::training() const {
  std::vector<bool> trains;
  for (const auto& lane : lanes_)
    trains.push_back(lane && !lane->held && !lane->progress.ended && !lane->progress.diverged);
  return trains;
}

/// What the device is told of a lane's next step. `coefficients`: room for its updates'; filled.
LaneState DeviceCohort::begin_lane(Lane& lane, OptimizerStep<float>* coefficients) const {
  const Recipe& recipe = lane.recipe;
  LaneState state;
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
  lane.clock = lane.progress.clock;
  for (std::int64_t u = state.first; u < state.until; ++u) {
    *coefficients++ = next_step<float>(
        recipe.optimizer, recipe.hyper,
        learning_rate(recipe.schedule, u, recipe.updates(), lane.progress.plateau), lane.clock);
  }
  return state;
}

/// Tells the device what each lane is to do. The most updates that a lane has before it.
std::int64_t DeviceCohort::begin_step(const Updates::Kind& kind, const std::vector<bool>& trains) {
  const auto places = static_cast<std::size_t>(kind.lanes);
  std::vector<LaneState> states(places);
  std::vector<OptimizerStep<float>> coefficients(places * layout_.steps);
  std::int64_t most = 0;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!trains[i]) continue;
    const int number = static_cast<int>(i);
    const auto place = static_cast<std::size_t>(places_.place(number));
    LaneState& state = states[place];
    state = begin_lane(*lanes_[i], coefficients.data() + place * layout_.steps);
    state.steps =
        reinterpret_cast<const OptimizerStep<float>*>(places_.at(layout_.coefficients, number));
    most = std::max(most, state.until - state.first);
  }
  const auto send = [&](const Region& to, const auto& values) {
    device_.upload(places_.memory() + to.offset, values.data(), values.size() * sizeof values[0]);
  };
  send(layout_.state, states);
  send(layout_.coefficients, coefficients);
  if (kind.layer_norms)
    device_.fill(places_.memory() + layout_.layer_norms.offset, 0,
                 layout_.layer_norms.stride * places);
  return most;
}

/// The sums of the lanes in these places.
std::vector<LaneSums> DeviceCohort::evaluate(const ResidentPart& part, LaneRange places,
                                             const Region& parameters,
                                             const Region& statistics) const {
  Runner(device_, layout_, places_.memory(), places).evaluate(part, parameters, statistics);
  std::vector<LaneSums> sums(static_cast<std::size_t>(places.count));
  const Region& from = layout_.sums;
  device_.download(
      sums.data(),
      places_.memory() + from.offset + from.stride * static_cast<std::size_t>(places.first),
      sums.size() * sizeof(LaneSums));
  return sums;
}

std::vector<MetricRow> DeviceCohort::advance(const std::atomic<bool>& cancel,
                                             const std::function<void()>& heartbeat) {
  if (cancel.load(std::memory_order_relaxed)) return {};
  const double start = seconds_now();
  const std::vector<bool> trains = training();
  std::vector<int> recording;
  Updates::Kind kind;
  for (std::size_t i = 0; i < trains.size(); ++i) {
    if (!trains[i] || lanes_[i]->recipe.record.kinds.empty()) continue;
    recording.push_back(static_cast<int>(i));
    kind.layer_norms = kind.layer_norms || lanes_[i]->recipe.record.has("gradients");
  }
  if (std::find(trains.begin(), trains.end(), true) == trains.end()) return {};
  kind.lanes = places_.gather(trains);
  updates_.prepare(kind);
  if (!updates_.run(kind, begin_step(kind, trains), cancel, heartbeat)) return {};
  const double trained = seconds_now() - start;
  const std::vector<LaneSums> sums =
      evaluate(resident_->valid, {0, kind.lanes}, layout_.current(), layout_.plan.statistic);
  std::vector<LaneState> states(sums.size());
  device_.download(states.data(), places_.memory() + layout_.state.offset,
                   states.size() * sizeof(LaneState));
  std::optional<StepShown> shown;
  if (!recording.empty())
    shown.emplace(device_, layout_, places_, *data_, resident_->valid, recording, kind.layer_norms);
  std::vector<MetricRow> rows;
  for (std::size_t i = 0; i < trains.size(); ++i) {
    if (!trains[i]) continue;
    const auto place = static_cast<std::size_t>(places_.place(static_cast<int>(i)));
    if (states[place].update == states[place].first) continue;
    rows.push_back(
        close_lane(static_cast<int>(i), states[place], sums[place], shown ? &*shown : nullptr));
  }
  const double seconds = seconds_now() - start;
  for (MetricRow& row : rows) {
    const LaneState& state = states[static_cast<std::size_t>(places_.place(row.lane))];
    row.timings = step_timings(lane(row.lane).recipe, state.update - state.first, seconds, trained);
  }
  return rows;
}

MetricRow DeviceCohort::close_lane(int number, const LaneState& state, const LaneSums& sums,
                                   StepShown* shown) {
  Lane& lane = *lanes_[static_cast<std::size_t>(number)];
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
  const std::int64_t updates = state.update - state.first;
  MetricRow row;
  row.lane = number;
  row.step = progress.step;
  row.results = step_results(recipe, {state.loss, state.norms, state.correct, updates}, valid,
                             last_rate, std::sqrt(sums.squares));
  Scene scene;
  const bool records = !recipe.record.kinds.empty();
  if (records) {
    scene = shown->scene(number, recipe, lane.plan, updates, progress.diverged);
    add_recorded_metrics(scene, row);
  }
  if (close_step(recipe, progress, row) && layout_.plan.options.keep_best) keep_best(number);
  if (records && !row.diverged && recipe.record.due(row.step, row.ended)) keep_pictures(scene, row);
  return row;
}

}  // namespace vernier::engine::cuda
