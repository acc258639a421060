// Predicted time of one update on the CPU, from the plan alone and two rates of the machine.
#pragma once
#include "engine/plan/plan.h"

namespace vernier::engine {

struct MachineRates {
  double gflops = 100;               // of one core in matrix products that fit its caches
  double gigabytes_per_second = 25;  // of one core over a few megabytes, reads and writes together
};

/// Microseconds of one lane's update: matrix products at the first rate; weights, gradients, optimizer states, examples and values moved
/// at the second. Within a factor of about 1.5 for MLPs.
double predict_update_us(const Plan& plan, const MachineRates& rates);

}  // namespace vernier::engine
