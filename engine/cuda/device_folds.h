// Trials with `data.folds: k` on a GPU: a cohort for each fold with that fold's data, a trial the lane of one number in all of them.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/cuda/device_cohort.h"

namespace vernier::engine::cuda {

/// One cohort a fold, all of the same number of lanes.
std::unique_ptr<Cohort> join_folds(std::vector<std::unique_ptr<DeviceCohort>> folds,
                                   std::string device_kind);

}  // namespace vernier::engine::cuda
