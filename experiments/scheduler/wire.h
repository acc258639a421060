// The executor's records as messages between it and its worker processes. Every number survives exactly.
#pragma once
#include "core/json.h"
#include "experiments/scheduler/executor.h"

namespace vernier::experiments {

Json launch_to_json(const Launch& launch);
/// Throws Json::exception or Error where it is not one.
Launch launch_from_json(const Json& json);

Json event_to_json(const ExecutorEvent& event);
/// Throws Json::exception or Error where it is not one.
ExecutorEvent event_from_json(const Json& json);

}  // namespace vernier::experiments
