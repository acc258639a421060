// The sections of a study file around data, model and train: each reads its part into the Spec and its normal form into Spec::json.
#pragma once
#include "experiments/study/reader.h"
#include "experiments/study/spec.h"

namespace vernier::experiments {

void read_metrics(const Reader& study, Spec& spec);
void read_choices(const Reader& study, Spec& spec);  // sampler, strategy
void read_resources(const Reader& study, Spec& spec);
void read_limits(const Reader& study, Spec& spec);
void read_objective(const Reader& study, Spec& spec);
void read_space(const Reader& study, Spec& spec);  // parameters, constraints
void read_require(const Reader& study, Spec& spec);
void read_repeats(const Reader& study, Spec& spec);
void read_warm_start(const Reader& study, Spec& spec);
void read_enqueue(const Reader& study, Spec& spec);
/// data, model, train: accepted by the engine, alone and with each parameter at the ends of its range.
void check_engine_settings(const Spec& spec);

}  // namespace vernier::experiments
