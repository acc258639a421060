// The other side of the isolated executor: a process that trains one trial at a time on a CPU, or many on a GPU.
#pragma once
#include "engine/engine.h"

namespace vernier::experiments {

/// Serves the requests that arrive on a socket until it is closed: the study first, then launches and what is asked of them; answers with
/// events. Owns the descriptor. Returns the exit code: 0, or 1 where the study or the device was refused (the driver is told why).
/// Throws UsageError where nothing comes at all: a person started it.
/// `gpus`: as Engine::Options.
int worker_main(int socket, decltype(engine::Engine::Options::gpus) gpus = {});

}  // namespace vernier::experiments
