// Reverse mode as a static table: for each kind of forward operation a rule that appends its backward operations.
#pragma once
#include "engine/ir/graph.h"

namespace vernier::engine {

/// Appends graph.backward, last operation first. The gradient of the outputs is the outputs' own tensor (the loss leaves it there).
/// Nothing is computed for values that depend on no parameter (the input).
void append_backward(Graph& graph);

}  // namespace vernier::engine
