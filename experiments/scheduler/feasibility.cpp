#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "experiments/scheduler/engine_executor.h"
#include "experiments/study/device_names.h"

namespace vernier::experiments {

Feasibility::Feasibility(const Spec& spec, const engine::Engine& engine, engine::DeviceInfo device)
    : spec_(spec),
      engine_(engine),
      device_(std::move(device)),
      limits_(spec, Requirements::Of::facts) {}

const engine::Estimate& Feasibility::estimate(const Config& config) const {
  const std::string key = "k" + config.key();
  if (key != key_) {
    estimate_ = engine_.estimate(spec_.settings(config, 1), device_);
    key_ = key;
  }
  return estimate_;
}

std::vector<std::pair<std::string, double>> Feasibility::facts(const Config& config) const {
  const engine::Estimate& known = estimate(config);
  return {{"parameters", static_cast<double>(known.parameters)},
          {"flops", known.flops},
          {"bytes", static_cast<double>(known.bytes)}};
}

double Feasibility::pace(const Config& config) const {
  // Not the predicted time, which is of one machine: work, and what every update costs beside it.
  constexpr double flops_of_an_update = 1e5;
  const engine::Estimate& known = estimate(config);
  return std::max(1.0, (known.flops + flops_of_an_update) * known.updates_per_step) * 1e-9;
}

std::optional<std::string> Feasibility::infeasible(const Config& config, std::size_t memory) const {
  const engine::Estimate& known = estimate(config);
  if (!known.feasible) return known.why;
  if (const auto most = spec_.limits.trial_memory; most && known.bytes > *most)
    return fmt::format("needs {}; limits.trial_memory is {}",
                       format_bytes(static_cast<double>(known.bytes)),
                       format_bytes(static_cast<double>(*most)));
  if (known.bytes > memory)
    return fmt::format("needs {}; the limit is {}", format_bytes(static_cast<double>(known.bytes)),
                       format_bytes(static_cast<double>(memory)));
  return limits_.broken(facts(config));
}

std::vector<engine::DeviceInfo> chosen_devices(const engine::Engine& engine,
                                               const Resources& resources) {
  std::vector<engine::DeviceInfo> cpus, gpus;
  for (const engine::DeviceInfo& device : engine.devices())
    (device.gpu ? gpus : cpus).push_back(device);
  const auto names = device_names(resources.devices);
  if (!names)
    fail<UsageError>("[resources.devices] '{}'; expected {}", resources.devices,
                     device_names_expected);
  std::vector<engine::DeviceInfo> chosen;
  for (const int index : names->indices) {
    const auto found =
        std::find_if(gpus.begin(), gpus.end(), [&](const auto& gpu) { return gpu.index == index; });
    if (found == gpus.end())
      fail<UsageError>("[resources.devices] no gpu {}; {}", index,
                       gpus.empty() ? "there is none: `vernier doctor` says why"
                                    : fmt::format("expected one of the {} there are", gpus.size()));
    chosen.push_back(*found);
  }
  if (names->gpu && names->indices.empty()) chosen = gpus;
  if (chosen.empty() && names->gpu)
    fail<DeviceError>("[resources.devices] no device for '{}': `vernier doctor` says why",
                      resources.devices);
  if (names->gpu && names->cpu) {  // all of both
    chosen.insert(chosen.end(), cpus.begin(), cpus.end());
    return chosen;
  }
  if (!names->gpu) chosen = cpus;
  const std::vector<engine::DeviceInfo> kinds = chosen;
  const auto jobs = resources.jobs > 0 ? static_cast<std::size_t>(resources.jobs) : kinds.size();
  chosen.clear();
  for (std::size_t i = 0; i < jobs; ++i) chosen.push_back(kinds[i % kinds.size()]);
  return chosen;
}

}  // namespace vernier::experiments
