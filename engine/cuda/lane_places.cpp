#include "engine/cuda/lane_places.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace vernier::engine::cuda {

LanePlaces::LanePlaces(Device& device, const Layout& layout, int lanes)
    : device_(device),
      layout_(layout),
      memory_(device, layout.bytes),
      places_(static_cast<std::size_t>(lanes)) {
  device_.fill(memory_.as<void>(), 0, layout.bytes);
  std::iota(places_.begin(), places_.end(), 0);
}

void LanePlaces::write(int lane, const HostCopy& copy) const {
  for (const HostCopy::Part& part : copy.parts()) {
    const std::vector<float> wide = copy.spread(part);
    device_.upload(at(part.region, lane), wide.data(), wide.size() * sizeof(float));
  }
}

void LanePlaces::read(int lane, HostCopy& copy) const {
  for (const HostCopy::Part& part : copy.parts()) {
    std::vector<float> wide(part.wide);
    device_.download(wide.data(), at(part.region, lane), wide.size() * sizeof(float));
    copy.collect(part, wide);
  }
}

int LanePlaces::gather(const std::vector<bool>& trains) {
  const auto live = static_cast<int>(std::count(trains.begin(), trains.end(), true));
  int size = static_cast<int>(places_.size());
  while (size > 1 && (size + 1) / 2 >= live) size = (size + 1) / 2;
  std::size_t idle = 0;
  for (std::size_t lane = 0; lane < trains.size(); ++lane) {
    if (!trains[lane] || places_[lane] < size) continue;
    while (trains[idle] || places_[idle] >= size) ++idle;
    swap(static_cast<int>(lane), static_cast<int>(idle));
  }
  return size;
}

/// All that outlives an update; what a step begins with is sent anew.
void LanePlaces::swap(int lane, int other) {
  const Plan& plan = layout_.plan;
  const auto exchange = [&](const Region& region) {
    const std::size_t words = region.stride / sizeof(std::uint32_t);
    device_.launch(Swap{reinterpret_cast<std::uint32_t*>(at(region, lane)),
                        reinterpret_cast<std::uint32_t*>(at(region, other)), words},
                   static_cast<int>(blocks_of(words)), 1);
  };
  exchange(plan.parameter);
  for (int s = 0; s < plan.options.optimizer_states; ++s) exchange(plan.state[s]);
  if (plan.options.average) exchange(plan.average);
  if (plan.options.keep_best) exchange(plan.best);
  exchange(plan.statistic);
  exchange(layout_.real);
  std::swap(places_[static_cast<std::size_t>(lane)], places_[static_cast<std::size_t>(other)]);
}

}  // namespace vernier::engine::cuda
