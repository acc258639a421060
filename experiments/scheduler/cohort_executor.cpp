#include "experiments/scheduler/cohort_executor.h"

#include <algorithm>

#include "core/error.h"
#include "experiments/scheduler/cohort_station.h"

namespace vernier::experiments {

std::vector<engine::DeviceInfo> chosen_gpus(const engine::Engine& engine,
                                            const Resources& resources) {
  Resources each = resources;
  each.jobs = 0;
  std::vector<engine::DeviceInfo> chosen = chosen_devices(engine, each);
  std::erase_if(chosen, [](const engine::DeviceInfo& device) { return !device.gpu; });
  return chosen;
}

int lanes_of_gpu(const Resources& resources, std::size_t gpus) {
  if (resources.jobs <= 0) return CohortExecutor::most_lanes;
  const int count = static_cast<int>(gpus);
  return std::max(1, (resources.jobs + count - 1) / count);
}

CohortExecutor::CohortExecutor(const Spec& spec, const engine::Engine& engine) {
  const auto gpus = chosen_gpus(engine, spec.resources);
  if (gpus.empty())
    fail<DeviceError>("[resources.devices] no GPU for '{}'", spec.resources.devices);
  const int lanes = lanes_of_gpu(spec.resources, gpus.size());
  const auto largest = std::max_element(
      gpus.begin(), gpus.end(), [](const auto& a, const auto& b) { return a.memory < b.memory; });
  feasibility_ = std::make_unique<Feasibility>(spec, engine, *largest);
  for (const engine::DeviceInfo& gpu : gpus) {
    const std::size_t memory =
        spec.resources.memory > 0 ? std::min(spec.resources.memory, gpu.memory) : gpu.memory;
    stations_.push_back(std::make_unique<Station>(spec, engine, gpu, memory, lanes, events_));
  }
}

CohortExecutor::~CohortExecutor() = default;

CohortExecutor::Station* CohortExecutor::station_with_room(const engine::Estimate& of) const {
  for (const auto& station : stations_)
    if (station->has_room(of)) return station.get();
  return nullptr;
}

bool CohortExecutor::has_room(const Config& config) const {
  return station_with_room(feasibility_->estimate(config)) != nullptr;
}

std::optional<std::string> CohortExecutor::infeasible(const Config& config) const {
  const std::size_t data = feasibility_->estimate(config).data_bytes, most = memory();
  if (most == 0) return std::nullopt;  // no device is left: nothing is said of the trial
  return feasibility_->infeasible(config, most - std::min(most, data));
}

Placement CohortExecutor::start(const Launch& launch) {
  const engine::Estimate& of = feasibility_->estimate(launch.config);
  Station* station = station_with_room(of);
  if (station == nullptr && lanes() == 0)
    fail<DeviceError>("[scheduler] no device is left for trial {}", launch.number);
  if (station == nullptr) fail<Error>("[scheduler] no free lane for trial {}", launch.number);
  station->start(launch, of);
  return {station->device().name, station->device().kind};
}

void CohortExecutor::answer(int number, search::Verdict verdict, int decide_at) {
  for (const auto& station : stations_) station->answer(number, verdict, decide_at);
}
void CohortExecutor::halt(int number, Halt how) {
  for (const auto& station : stations_) station->halt(number, how);
}
void CohortExecutor::save(int number) {
  for (const auto& station : stations_) station->save(number);
}

/// Of the largest device that is left.
std::size_t CohortExecutor::memory() const {
  std::size_t most = 0;
  for (const auto& station : stations_)
    if (!station->dead()) most = std::max(most, station->memory());
  return most;
}

int CohortExecutor::lanes() const {
  int lanes = 0;
  for (const auto& station : stations_)
    if (!station->dead()) lanes += station->most();
  return lanes;
}

}  // namespace vernier::experiments
