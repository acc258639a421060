// train.from: the weights of a trial of the same database, for another training to start with.
#pragma once
#include <optional>
#include <string>

#include "engine/engine.h"
#include "experiments/study/spec.h"
#include "store/store.h"

namespace vernier::experiments {

/// What train.from is in this configuration; empty: nothing.
std::string start_name(const Spec& spec, const Config& config);

/// nullopt where `from` is empty. Throws NotFoundError for an unknown study or trial, UsageError where its weights were not kept.
std::optional<engine::Checkpoint> start_weights(const store::Store& store, const std::string& from);

}  // namespace vernier::experiments
