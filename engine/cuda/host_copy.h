// A lane's numbers on the host, as its own plan lays them out, and where they lie in its cohort's wider one.
#pragma once
#include <vector>

#include "engine/cohort/lane_tensors.h"
#include "engine/cuda/buckets.h"
#include "engine/plan/plan.h"

namespace vernier::engine::cuda {

class HostCopy {
 public:
  /// Regions that a plan has not are left out.
  HostCopy(const Plan& own, const Plan& wide);
  HostCopy(const HostCopy&) = delete;

  /// A region that outlives an update.
  struct Part {
    Region region;  // of the cohort
    float** memory;
    std::size_t first;  // in numbers_
    std::size_t wide;   // floats of the region, one lane
    std::vector<Run> runs;
  };
  const std::vector<Part>& parts() const { return parts_; }
  const LaneMemory& memory() const { return memory_; }
  /// A part as it lies on the device, zeros between.
  std::vector<float> spread(const Part& part) const;
  void collect(const Part& part, const std::vector<float>& wide);

 private:
  LaneMemory memory_;
  std::vector<Part> parts_;
  std::vector<float> numbers_;
};

}  // namespace vernier::engine::cuda
