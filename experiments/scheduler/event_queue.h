// Events of many lanes for one scheduler.
#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "experiments/scheduler/executor.h"

namespace vernier::experiments {

/// Thread-safe: any thread pushes, one pops.
class EventQueue {
 public:
  void push(ExecutorEvent event) {
    {
      const std::lock_guard lock(mutex_);
      events_.push_back(std::move(event));
    }
    arrived_.notify_one();
  }
  /// Waits at most `seconds`.
  std::optional<ExecutorEvent> pop(double seconds) {
    std::unique_lock lock(mutex_);
    if (events_.empty() && seconds > 0)
      arrived_.wait_for(lock, std::chrono::duration<double>(seconds),
                        [this] { return !events_.empty(); });
    if (events_.empty()) return std::nullopt;
    ExecutorEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<ExecutorEvent> events_;
};

}  // namespace vernier::experiments
