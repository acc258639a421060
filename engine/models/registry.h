// Named models: settings and shapes -> Architecture. A new model is a builder in a file and a line in models.def.
#pragma once
#include <span>
#include <string>
#include <utility>

#include "engine/ir/architecture.h"

namespace vernier::engine {

/// `input`: shape of one example; `outputs`: width of the last layer. Throws UsageError.
using ModelBuilder = Architecture (*)(const ModelSettings&, const Shape& input, int outputs);

#define VERNIER_MODEL(file, name, summary, builder, keys) \
  Architecture builder(const ModelSettings& settings, const Shape& input, int outputs);
#include "engine/models/models.def"
#undef VERNIER_MODEL

/// Name and keys of the section `model` that it takes, in the order of models().
std::span<const std::pair<std::string, std::string>> model_keys();

/// Throws UsageError for an unknown settings.type, naming the nearest.
Architecture build_model(const ModelSettings& settings, const Shape& input, int outputs);

}  // namespace vernier::engine
