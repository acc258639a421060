// Ctrl-C and SIGTERM as stop requests: the first pauses, a second Ctrl-C abandons.
#pragma once
#include <atomic>
#include <stop_token>
#include <thread>

#include "experiments/scheduler/run.h"

namespace vernier::cli {

/// While it lives, SIGINT and SIGTERM are blocked in this thread and those it starts afterwards, and taken by a thread of its own.
/// Make it before any other thread.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  experiments::StopRequests requests() const { return {pause_.get_token(), abandon_.get_token()}; }
  /// The first signal that came (SIGINT or SIGTERM); 0: none.
  int received() const { return received_; }

 private:
  void wait();
  std::stop_source pause_, abandon_;
  std::atomic<int> received_ = 0;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace vernier::cli
