#include "engine/cuda/device_cohort.h"

#include <algorithm>

#include "core/error.h"
#include "engine/cuda/buckets.h"
#include "engine/cuda/device_lane.h"

namespace vernier::engine::cuda {
namespace {

Recipe recipe_for_device(const TrialSettings& settings, const Dataset& data) {
  Recipe recipe = make_recipe(settings, shape_of(data), null_log());
  if (const std::string what = cannot_train(recipe); !what.empty())
    fail<UsageError>("[resources.devices] a GPU cannot train with {} in this version", what);
  return recipe;
}

}  // namespace

DeviceCohort::DeviceCohort(const TrialSettings& settings, std::shared_ptr<const Dataset> data,
                           std::shared_ptr<const ResidentData> resident, Device& device,
                           std::string device_kind, int lanes)
    : data_(std::move(data)),
      resident_(std::move(resident)),
      device_(device),
      device_kind_(std::move(device_kind)),
      layout_(make_layout(recipe_for_device(settings, *data_), *data_, lanes)),
      places_(device, layout_, lanes),
      updates_(device, layout_, places_.memory(), resident_->train),
      lanes_(static_cast<std::size_t>(lanes)) {
  key_ = device_key(settings, make_recipe(settings, shape_of(*data_), null_log()));
  updates_.prepare({lanes});
}

DeviceCohort::~DeviceCohort() = default;

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
  places_.write(number, copy);
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
  device_.upload(places_.at(layout_.real, number), real.data(), real.size());
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

void DeviceCohort::keep_best(int number) const {
  const Plan& plan = layout_.plan;
  std::byte* best = places_.at(plan.best, number);
  device_.copy(best, places_.at(layout_.current(), number), plan.parameter.stride);
  if (plan.statistic.stride > 0)
    device_.copy(best + plan.parameter.stride, places_.at(plan.statistic, number),
                 plan.statistic.stride);
}

std::unique_ptr<HostCopy> DeviceCohort::download(int number) const {
  auto copy = std::make_unique<HostCopy>(lane(number).plan, layout_.plan);
  places_.read(number, *copy);
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
  const bool best = plan.options.keep_best && of.progress.best_step > 0;
  const Region behind{plan.best.offset + plan.parameter.stride, plan.best.stride};
  const LaneSums own =
      evaluate(resident_->test, {places_.place(number), 1}, best ? plan.best : layout_.current(),
               best ? behind : plan.statistic)[0];
  return test_results(of.recipe,
                      part_metrics(of.recipe, data_->test, data_->outputs, own.loss, own.correct));
}

void DeviceCohort::retire(int number) {
  lane(number);
  lanes_[static_cast<std::size_t>(number)].reset();
}

}  // namespace vernier::engine::cuda
