// Training that starts with the weights of another: which layers stay as they are, and which is drawn anew.
#pragma once
#include <string>
#include <vector>

#include "engine/ir/architecture.h"

namespace vernier::engine {

/// Names of the layers with weights that `patterns` mean: `*` for any part; a pattern may leave out the layers around one or inside it ("c1" and
/// "blocks1" both mean blocks1.c1). Throws UsageError "[train.freeze] ..." for a pattern that means none, or when all are meant.
std::vector<std::string> frozen_layers(const Architecture& net,
                                       const std::vector<std::string>& patterns);
/// Names of all layers with weights but the frozen ones, in the order in which they compute.
std::vector<std::string> learning_layers(const Architecture& net,
                                         const std::vector<std::string>& frozen);
/// The last layer with weights.
std::string head_layer(const Architecture& net);
/// "dense1" of the tensor "dense1.weight".
std::string layer_of(const std::string& tensor);

}  // namespace vernier::engine
