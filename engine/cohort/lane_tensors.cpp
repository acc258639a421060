#include "engine/cohort/lane_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/hash.h"
#include "engine/cohort/transfer.h"

namespace vernier::engine {
namespace {

std::vector<std::int64_t> dimensions(const Shape& shape) { return {shape.begin(), shape.end()}; }

}  // namespace

void LaneTensors::begin(const Checkpoint* from, Progress& progress) {
  if (from == nullptr) {
    initialise();
  } else if (from->start) {
    start_with(*from);
  } else {
    restore(*from, progress);
  }
}

void LaneTensors::initialise() {
  const auto draw = [&](const Tensor& tensor, const std::string&, std::span<float> to) {
    for (std::size_t i = 0; i < to.size(); ++i) {
      to[i] = initial_weight(tensor.init, recipe_.key(Stream::init), tensor.number, i);
    }
  };
  each_tensor(Role::parameter, "", memory_.parameter, draw);
  each_tensor(Role::statistic, "", memory_.statistic, draw);
  if (plan_.options.average)
    std::copy_n(memory_.parameter, plan_.parameter_floats, memory_.average);
}

Weights LaneTensors::current() const {
  return {plan_.options.average ? memory_.average : memory_.parameter, memory_.statistic};
}

Weights LaneTensors::best(const Progress& progress) const {
  if (!plan_.options.keep_best || progress.best_step == 0) return current();
  return {memory_.best, memory_.best + plan_.parameter_floats};
}

Checkpoint LaneTensors::save(const Progress& progress, const std::string& device_kind) const {
  CheckpointWriter writer;
  writer.add("kind", "lane");
  writer.add("network", to_text(recipe_.architecture));
  writer.add("optimizer", optimizer_info(recipe_.optimizer).name);
  progress.save(writer);
  const auto put = [&](const Tensor& tensor, const std::string& name, std::span<float> from) {
    writer.add(name, from, dimensions(tensor.shape));
  };
  each_tensor(Role::parameter, "weights/", memory_.parameter, put);
  each_tensor(Role::statistic, "weights/", memory_.statistic, put);
  for (int s = 0; s < plan_.options.optimizer_states; ++s) {
    each_tensor(Role::parameter, fmt::format("state{}/", s), memory_.state[s], put);
  }
  if (plan_.options.average) {
    each_tensor(Role::parameter, "average/", memory_.average, put);
  }
  if (plan_.options.keep_best && progress.best_step > 0) {
    float* best = memory_.best;
    each_tensor(Role::parameter, "best/", best, put);
    each_tensor(Role::statistic, "best/", best + plan_.parameter_floats, put);
  }
  return {progress.step, device_kind, writer.finish()};
}

Checkpoint LaneTensors::save_best(const Progress& progress, const std::string& device_kind) const {
  CheckpointWriter writer;
  writer.add("kind", "weights");
  writer.add("network", to_text(recipe_.architecture));
  const bool kept = plan_.options.keep_best && progress.best_step > 0;
  const std::array<std::int64_t, 1> step{kept ? progress.best_step : progress.step};
  writer.add("step", step);
  const auto put = [&](const Tensor& tensor, const std::string& name, std::span<float> from) {
    writer.add(name, from, dimensions(tensor.shape));
  };
  const Weights weights = best(progress);
  each_tensor(Role::parameter, "weights/", const_cast<float*>(weights.parameters), put);
  each_tensor(Role::statistic, "weights/", weights.statistics, put);
  return {static_cast<int>(step[0]), device_kind, writer.finish()};
}

void LaneTensors::restore(const Checkpoint& from, Progress& progress) {
  const CheckpointReader reader(from.bytes);
  const std::string kind = reader.text("kind");
  if (reader.text("network") != to_text(recipe_.architecture)) {
    fail<UsageError>("[checkpoint] it holds the network '{}'; expected '{}'",
                     reader.text("network"), to_text(recipe_.architecture));
  }
  const auto get = [&](const Tensor& tensor, const std::string& name, std::span<float> to) {
    reader.read(name, to, dimensions(tensor.shape));
  };
  each_tensor(Role::parameter, "weights/", memory_.parameter, get);
  each_tensor(Role::statistic, "weights/", memory_.statistic, get);
  if (kind == "weights") {
    progress.step = static_cast<int>(
        std::clamp<std::int64_t>(reader.integers("step", 1)[0], 0, recipe_.steps()));
    progress.ended = true;
    if (plan_.options.average) {
      each_tensor(Role::parameter, "weights/", memory_.average, get);
    }
    return;
  }
  const std::string optimizer = reader.text("optimizer");
  if (kind != "lane" || optimizer != optimizer_info(recipe_.optimizer).name) {
    fail<UsageError>("[checkpoint] it was written with optimizer '{}'; expected '{}'", optimizer,
                     optimizer_info(recipe_.optimizer).name);
  }
  progress = Progress::load(reader);
  if (progress.step > recipe_.steps() || progress.update > recipe_.updates_at(progress.step)) {
    fail<UsageError>("[checkpoint] step {} (update {}) of a training; expected at most {}",
                     progress.step, progress.update, recipe_.steps());
  }
  for (int s = 0; s < plan_.options.optimizer_states; ++s) {
    each_tensor(Role::parameter, fmt::format("state{}/", s), memory_.state[s], get);
  }
  if (plan_.options.average) {
    each_tensor(Role::parameter, "average/", memory_.average, get);
  }
  if (plan_.options.keep_best && progress.best_step > 0) {
    float* best = memory_.best;
    each_tensor(Role::parameter, "best/", best, get);
    each_tensor(Role::statistic, "best/", best + plan_.parameter_floats, get);
  }
}

void LaneTensors::start_with(const Checkpoint& from) {
  initialise();
  const CheckpointReader reader(from.bytes);
  const auto get = [&](const Tensor& tensor, const std::string& name, std::span<float> to) {
    if (layer_of(tensor.name) == recipe_.new_head) return;
    try {
      reader.read(name, to, dimensions(tensor.shape));
    } catch (const UsageError&) {
      fail<UsageError>(
          "[train.from] no '{}' of shape {} in '{}'; expected the same network{}", tensor.name,
          to_text(tensor.shape), reader.text("network"),
          recipe_.new_head.empty() ? ", or head: new where the last layer differs" : "");
    }
  };
  each_tensor(Role::parameter, "weights/", memory_.parameter, get);
  each_tensor(Role::statistic, "weights/", memory_.statistic, get);
  if (plan_.options.average)
    std::copy_n(memory_.parameter, plan_.parameter_floats, memory_.average);
}

std::string LaneTensors::weights_hash() const {
  std::vector<std::byte> bytes;
  const auto put = [&](const Tensor&, const std::string&, std::span<float> from) {
    const auto raw = std::as_bytes(from);
    bytes.insert(bytes.end(), raw.begin(), raw.end());
  };
  each_tensor(Role::parameter, "", memory_.parameter, put);
  each_tensor(Role::statistic, "", memory_.statistic, put);
  return content_hash(bytes);
}

}  // namespace vernier::engine
