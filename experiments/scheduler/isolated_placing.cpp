// Which lane of the isolated executor a trial may have.
#include <algorithm>

#include "experiments/scheduler/cohort_executor.h"
#include "experiments/scheduler/isolated_lane.h"
#include "experiments/study/device_names.h"

namespace vernier::experiments {
namespace {

/// A slot a CPU job, or each GPU once, the cores behind them where they are named beside.
std::vector<engine::DeviceInfo> lane_devices(const engine::Engine& engine,
                                             const Resources& resources) {
  auto chosen = chosen_gpus(engine, resources);
  if (chosen.empty() || device_names(resources.devices)->cpu)
    chosen = chosen_devices(engine, resources);
  return chosen;
}

engine::DeviceInfo largest(const std::vector<engine::DeviceInfo>& devices) {
  return *std::max_element(devices.begin(), devices.end(),
                           [](const auto& a, const auto& b) { return a.memory < b.memory; });
}

}  // namespace

IsolatedExecutor::IsolatedExecutor(const Spec& spec, const engine::Engine& engine, Options options,
                                   const Clock& clock)
    : spec_(spec), options_(std::move(options)), clock_(clock) {
  const auto devices = lane_devices(engine, spec.resources);
  const auto cpus = std::find_if(devices.begin(), devices.end(),
                                 [](const engine::DeviceInfo& device) { return !device.gpu; });
  const std::vector<engine::DeviceInfo> gpus(devices.begin(), cpus);
  if (!gpus.empty()) feasibility_.emplace_back(spec, engine, largest(gpus));
  if (cpus != devices.end())
    feasibility_.emplace_back(spec, engine, largest({cpus, devices.end()}));
  for (const engine::DeviceInfo& device : devices) {
    auto lane = std::make_unique<Lane>();
    lane->device = device;
    lane->memory = device.memory;
    if (device.gpu) {
      lane->most = lanes_of_gpu(spec.resources, gpus.size());
      if (spec.resources.memory > 0) lane->memory = std::min(device.memory, spec.resources.memory);
    } else {
      if (spec.resources.memory > 0) lane->memory = spec.resources.memory;
      cpu_memory_ = std::max(cpu_memory_, lane->memory);
    }
    memory_ = std::max(memory_, lane->memory);
    lanes_.push_back(std::move(lane));
  }
}

const engine::Estimate& IsolatedExecutor::estimate(const Lane& lane, const Config& config) const {
  return (lane.device.gpu ? feasibility_.front() : feasibility_.back()).estimate(config);
}

/// GPUs before cores.
IsolatedExecutor::Lane* IsolatedExecutor::lane_with_room(const Config& config) const {
  std::size_t on_cpu = 0;
  for (const auto& lane : lanes_)
    if (!lane->device.gpu)
      for (const auto& [number, job] : lane->jobs) on_cpu += job.bytes;
  for (const auto& lane : lanes_) {
    if (lane->lost || static_cast<int>(lane->jobs.size()) >= lane->most) continue;
    const engine::Estimate& of = estimate(*lane, config);
    if (!of.feasible) continue;
    if (lane->device.gpu ? lane->used(of, true) <= lane->memory : on_cpu + of.bytes <= cpu_memory_)
      return lane.get();
  }
  return nullptr;
}

int IsolatedExecutor::lanes() const {
  int lanes = 0;
  for (const auto& lane : lanes_)
    if (!lane->lost) lanes += lane->most;
  return lanes;
}

bool IsolatedExecutor::has_room(const Config& config) const {
  return lane_with_room(config) != nullptr;
}

std::optional<std::string> IsolatedExecutor::infeasible(const Config& config) const {
  std::optional<std::string> why;  // the first kind's
  for (const bool gpu : {true, false}) {
    std::size_t most = largest_memory(gpu);
    if (most == 0) continue;  // none is there, or left: nothing is said of the trial
    const Feasibility& of = gpu ? feasibility_.front() : feasibility_.back();
    if (gpu) most -= std::min(most, of.estimate(config).data_bytes);
    const auto own = of.infeasible(config, most);
    if (!own) return std::nullopt;
    if (!why) why = own;
  }
  return why;
}

/// Of the lanes of a kind that are not lost.
std::size_t IsolatedExecutor::largest_memory(bool gpu) const {
  std::size_t most = 0;
  for (const auto& lane : lanes_)
    if (lane->device.gpu == gpu && (!gpu || !lane->lost)) most = std::max(most, lane->memory);
  return most;
}

std::vector<std::pair<std::string, double>> IsolatedExecutor::facts(const Config& config) const {
  return feasibility_.front().facts(config);
}

}  // namespace vernier::experiments
