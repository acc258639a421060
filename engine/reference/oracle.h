// The oracle: forward and backward of an Architecture in double precision, layer by layer, with plain loops and nothing fused or in
// place. Slow and simple; tests hold every back end against it. Shares with the back ends only the scalar formulas of engine/math,
// whose derivatives central differences check.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/rng.h"
#include "engine/ir/architecture.h"
#include "engine/math/losses.h"

namespace vernier::engine::reference {

/// "dense1.weight" -> its elements, as the graph names and lays them out. Statistics ("batch_norm1.mean") are in it too.
using NamedTensors = std::map<std::string, std::vector<double>>;

struct Batch {
  int rows = 0;
  std::vector<double> x;             // (rows, features)
  std::vector<std::int32_t> labels;  // (rows), or
  std::vector<double> targets;       // (rows, outputs)
  Loss loss = Loss::cross_entropy;
  double smoothing = 0;
  bool training = true;  // dropout, batch statistics
  RngKey dropout_key;
  std::uint32_t update = 0;
};

struct Result {
  double loss = 0;  // mean over the batch
  std::int64_t correct = 0;
  std::vector<double> outputs;  // (rows, outputs)
  NamedTensors gradients;       // of the mean loss, for every parameter
  NamedTensors statistics;      // after the batch
};

Result run(const Architecture& architecture, const NamedTensors& weights, const Batch& batch);

/// Initial weights and statistics, as every back end draws them.
NamedTensors initial_weights(const Architecture& architecture, const RngKey& key);

}  // namespace vernier::engine::reference
