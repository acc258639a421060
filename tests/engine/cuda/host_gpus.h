// GPUs made of host memory, for engines under test.
#pragma once
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/cuda/gpu.h"
#include "tests/engine/cuda/host_device.h"

namespace vernier::engine::cuda::testing {

struct HostGpu {
  std::size_t memory = std::size_t{1} << 30;
  int fails_at = 0;           // see HostDevice
  std::size_t most_held = 0;  // so far, filled in
  int calls = 0;
  std::function<void(std::string_view call)> before = {};  // each call, on the thread that makes it
  std::size_t reported = 0;  // what it says that its memory is; 0: the truth
};

/// Engine::Options::gpus: a GPU for each, which tells it what was asked of it. All outlive the engine.
inline auto host_gpus(std::vector<HostGpu>& gpus) {
  return [&gpus] {
    std::vector<std::unique_ptr<Gpu>> made;
    for (std::size_t i = 0; i < gpus.size(); ++i) {
      HostGpu& gpu = gpus[i];
      DeviceInfo info{"gpu" + std::to_string(i), "host", true, static_cast<int>(i),
                      gpu.reported > 0 ? gpu.reported : gpu.memory};
      made.push_back(std::make_unique<Gpu>(std::move(info), [&gpu] {
        auto device = std::make_unique<HostDevice>(gpu.memory, gpu.fails_at);
        device->watch([&gpu](std::string_view call, int calls, std::size_t held) {
          if (gpu.before) gpu.before(call);
          gpu.calls = calls;
          gpu.most_held = std::max(gpu.most_held, held);
        });
        return device;
      }));
    }
    return made;
  };
}

}  // namespace vernier::engine::cuda::testing
