// One job of the engine executor.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>

#include "experiments/scheduler/engine_executor.h"

namespace vernier::experiments {

/// One job. Its task owns it while it trains; the scheduler while it waits or is free. Only the atomics and what `mutex` guards is shared.
struct EngineExecutor::Slot {
  engine::DeviceInfo device;
  std::atomic<int> number{0};  // 0: free
  std::atomic<bool> cancel{false};
  std::atomic<double> beat{0};      // monotonic; of the last update
  std::atomic<bool> silent{false};  // asked to end because of it
  std::size_t bytes = 0;            // of the scheduler alone

  Launch launch;
  std::unique_ptr<engine::Cohort> cohort;
  int lane = 0;
  int step = 0;
  int full = 0;  // steps of a full training

  std::mutex mutex;
  std::optional<Halt> halt;
  bool save = false;
  bool waits = false;  // for a verdict: no task runs
  bool dead = false;   // its thread does not come back: what it may still say is not heard
};

}  // namespace vernier::experiments
