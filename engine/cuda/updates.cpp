#include "engine/cuda/updates.h"

#include <algorithm>

#include "engine/cuda/runner.h"

namespace vernier::engine::cuda {
namespace {

constexpr int updates_a_recording = 8;
constexpr std::int64_t updates_unheard = 64;  // between two looks at `cancel`

}  // namespace

std::unique_ptr<Recording> Updates::record(Kind kind, int count) const {
  const Runner runner(device_, layout_, memory_, {0, kind.lanes});
  device_.begin_recording();
  try {
    for (int i = 0; i < count; ++i) runner.update(part_, kind.layer_norms);
  } catch (...) {
    // While it records, a device refuses to give memory back.
    try {
      (void)device_.end_recording();
    } catch (const std::exception&) {
    }
    throw;
  }
  return device_.end_recording();
}

void Updates::prepare(Kind kind) {
  if (recorded_.contains(kind)) return;
  const Region& state = layout_.state;
  device_.fill(memory_ + state.offset, 0,
               state.stride * static_cast<std::size_t>(layout_.plan.options.lanes));
  // No lane is active: it only makes ready what is not recorded.
  Runner(device_, layout_, memory_, {0, kind.lanes}).update(part_, kind.layer_norms);
  device_.synchronize();
  recorded_[kind] = {record(kind, 1), record(kind, updates_a_recording)};
}

/// Lanes that are done let further updates pass.
bool Updates::run(Kind kind, std::int64_t count, const std::atomic<bool>& cancel,
                  const std::function<void()>& heartbeat) const {
  const Recorded& recorded = recorded_.at(kind);
  while (count > 0) {
    std::int64_t now = std::min(count, updates_unheard);
    count -= now;
    for (; now >= updates_a_recording; now -= updates_a_recording)
      device_.replay(*recorded.several);
    for (; now > 0; --now) device_.replay(*recorded.once);
    device_.synchronize();
    if (cancel.load(std::memory_order_relaxed)) return false;
    if (heartbeat) heartbeat();
  }
  return true;
}

}  // namespace vernier::engine::cuda
