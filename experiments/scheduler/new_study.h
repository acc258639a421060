// What the database keeps of a study file.
#pragma once
#include "experiments/study/spec.h"
#include "store/records.h"

namespace vernier::experiments {

store::NewStudy new_study(const Spec& spec);

}  // namespace vernier::experiments
