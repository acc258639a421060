// What of a lane is written to a checkpoint and read back.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "core/error.h"
#include "core/hash.h"
#include "engine/cohort/cpu_lane.h"
#include "engine/cohort/transfer.h"

namespace vernier::engine {
namespace {

std::vector<std::int64_t> dimensions(const Shape& shape) { return {shape.begin(), shape.end()}; }

}  // namespace

Checkpoint CpuLane::save(const std::string& device_kind) const {
  CheckpointWriter writer;
  writer.add("kind", "lane");
  writer.add("network", to_text(recipe_.architecture));
  writer.add("optimizer", optimizer_info(recipe_.optimizer).name);
  progress_.save(writer);
  const auto put = [&](const Tensor& tensor, const std::string& name, std::span<float> from) {
    writer.add(name, from, dimensions(tensor.shape));
  };
  each_tensor(Role::parameter, "weights/", region(plan_.parameter), put);
  each_tensor(Role::statistic, "weights/", region(plan_.statistic), put);
  for (int s = 0; s < plan_.options.optimizer_states; ++s) {
    each_tensor(Role::parameter, fmt::format("state{}/", s), region(plan_.state[s]), put);
  }
  if (plan_.options.average) {
    each_tensor(Role::parameter, "average/", region(plan_.average), put);
  }
  if (plan_.options.keep_best && progress_.best_step > 0) {
    float* best = region(plan_.best);
    each_tensor(Role::parameter, "best/", best, put);
    each_tensor(Role::statistic, "best/", best + plan_.parameter_floats, put);
  }
  return {progress_.step, device_kind, writer.finish()};
}

Checkpoint CpuLane::save_best(const std::string& device_kind) const {
  CheckpointWriter writer;
  writer.add("kind", "weights");
  writer.add("network", to_text(recipe_.architecture));
  const bool best = plan_.options.keep_best && progress_.best_step > 0;
  const std::array<std::int64_t, 1> step{best ? progress_.best_step : progress_.step};
  writer.add("step", step);
  const auto put = [&](const Tensor& tensor, const std::string& name, std::span<float> from) {
    writer.add(name, from, dimensions(tensor.shape));
  };
  const cpu::Weights weights = best_weights();
  each_tensor(Role::parameter, "weights/", const_cast<float*>(weights.parameters), put);
  each_tensor(Role::statistic, "weights/", weights.statistics, put);
  return {static_cast<int>(step[0]), device_kind, writer.finish()};
}

void CpuLane::restore(const Checkpoint& from) {
  const CheckpointReader reader(from.bytes);
  const std::string kind = reader.text("kind");
  if (reader.text("network") != to_text(recipe_.architecture)) {
    fail<UsageError>("[checkpoint] it holds the network '{}'; expected '{}'",
                     reader.text("network"), to_text(recipe_.architecture));
  }
  const auto get = [&](const Tensor& tensor, const std::string& name, std::span<float> to) {
    reader.read(name, to, dimensions(tensor.shape));
  };
  each_tensor(Role::parameter, "weights/", region(plan_.parameter), get);
  each_tensor(Role::statistic, "weights/", region(plan_.statistic), get);
  if (kind == "weights") {
    progress_.step = static_cast<int>(
        std::clamp<std::int64_t>(reader.integers("step", 1)[0], 0, recipe_.steps()));
    progress_.ended = true;
    if (plan_.options.average) {
      each_tensor(Role::parameter, "weights/", region(plan_.average), get);
    }
    return;
  }
  const std::string optimizer = reader.text("optimizer");
  if (kind != "lane" || optimizer != optimizer_info(recipe_.optimizer).name) {
    fail<UsageError>("[checkpoint] it was written with optimizer '{}'; expected '{}'", optimizer,
                     optimizer_info(recipe_.optimizer).name);
  }
  progress_ = Progress::load(reader);
  if (progress_.step > recipe_.steps() || progress_.update > recipe_.updates_at(progress_.step)) {
    fail<UsageError>("[checkpoint] step {} (update {}) of a training; expected at most {}",
                     progress_.step, progress_.update, recipe_.steps());
  }
  for (int s = 0; s < plan_.options.optimizer_states; ++s) {
    each_tensor(Role::parameter, fmt::format("state{}/", s), region(plan_.state[s]), get);
  }
  if (plan_.options.average) {
    each_tensor(Role::parameter, "average/", region(plan_.average), get);
  }
  if (plan_.options.keep_best && progress_.best_step > 0) {
    float* best = region(plan_.best);
    each_tensor(Role::parameter, "best/", best, get);
    each_tensor(Role::statistic, "best/", best + plan_.parameter_floats, get);
  }
}

void CpuLane::start_with(const Checkpoint& from) {
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
  each_tensor(Role::parameter, "weights/", region(plan_.parameter), get);
  each_tensor(Role::statistic, "weights/", region(plan_.statistic), get);
  if (plan_.options.average)
    std::copy_n(region(plan_.parameter), plan_.parameter_floats, region(plan_.average));
}

std::string CpuLane::weights_hash() const {
  std::vector<std::byte> bytes;
  const auto put = [&](const Tensor&, const std::string&, std::span<float> from) {
    const auto raw = std::as_bytes(from);
    bytes.insert(bytes.end(), raw.begin(), raw.end());
  };
  each_tensor(Role::parameter, "", region(plan_.parameter), put);
  each_tensor(Role::statistic, "", region(plan_.statistic), put);
  return content_hash(bytes);
}

}  // namespace vernier::engine
