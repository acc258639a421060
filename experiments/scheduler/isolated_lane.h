// A device of the isolated executor, its worker process and what it has to do.
#pragma once
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "experiments/scheduler/channel.h"
#include "experiments/scheduler/isolated_executor.h"
#include "experiments/scheduler/process.h"

namespace vernier::experiments {

struct IsolatedExecutor::Lane {
  struct Job {
    int fence = 0;  // of its launch
    std::size_t bytes = 0, data_bytes = 0;
    bool waits = false;     // for a verdict
    bool measured = false;  // in this stretch
  };
  engine::DeviceInfo device;
  int most = 1;            // trials at a time
  std::size_t memory = 0;  // for them
  std::map<int, Job> jobs;
  Child child;  // pid 0: none now
  Channel channel;
  std::string errors;                 // the end of its standard error
  std::string refusal;                // why it would not begin, in its words
  bool ready = false;                 // the worker could begin
  bool abandoned = false;             // killed by halt()
  bool silent = false;                // killed by meet_silence()
  std::optional<std::string> broken;  // its device failed, says the worker
  double heard = 0;                   // monotonic
  int unready_deaths = 0;             // in a row
  std::set<int> killers;  // trials at whose beginning a worker died, since the last measurement
  bool lost = false;      // given up

  bool trains() const {
    return std::any_of(jobs.begin(), jobs.end(), [](const auto& job) { return !job.second.waits; });
  }
  bool measured() const {
    return std::all_of(jobs.begin(), jobs.end(),
                       [](const auto& job) { return job.second.measured; });
  }
  /// Data sets are shared by the jobs of a lane.
  std::size_t used(const engine::Estimate& more, bool with_data) const {
    std::size_t bytes = more.bytes, data = more.data_bytes;
    for (const auto& [number, job] : jobs) {
      bytes += job.bytes;
      data = std::max(data, job.data_bytes);
    }
    return with_data ? bytes + data : bytes;
  }
};

}  // namespace vernier::experiments
