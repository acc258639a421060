// Where every tensor of a graph lies: one arena per cohort, laid out before launch, so that memory is known exactly.
//
// Regions, each [T, ...] with a padded lane stride: parameters, their gradients, 0 to 3 optimizer states, averaged weights (EMA),
// best weights and statistics, statistics, and the workspace: values placed by liveness, once for training (N rows) and once, over
// the same bytes, for evaluation.
#pragma once
#include <cstddef>
#include <vector>

#include "engine/ir/graph.h"

namespace vernier::engine {

struct PlanOptions {
  int lanes = 1;
  int batch = 1;            // N
  int evaluation_rows = 1;  // examples per forward pass in evaluation
  int optimizer_states = 0;
  /// Floats that an operation of the back end needs for itself while it runs; null: none do.
  std::size_t (*scratch)(const Graph& graph, const Op& op) = nullptr;
  /// What a back end marks in the graph for itself before it is laid out; null: nothing.
  void (*prepare)(Graph& graph) = nullptr;
  std::size_t value_bytes = sizeof(float);  // of a number of an example's values, but of targets
  bool average = false;                     // EMA of the weights
  bool keep_best = false;                   // weights and statistics of the best step
  bool evaluation_input =
      false;  // a place for examples of units; else they are read where they lie
};

/// A run of bytes for every lane: lane l starts at offset + l * stride.
struct Region {
  std::size_t offset = 0;
  std::size_t stride = 0;
};

struct Plan {
  Graph graph;
  PlanOptions options;
  std::vector<std::size_t>
      training;  // per tensor: bytes from the start of its region (parameters, statistics: likewise)
  std::vector<std::size_t> evaluation;  // values only; an input of units is read where it lies
  std::size_t parameter_floats = 0;     // of one lane, with padding (zeros) between tensors
  std::size_t statistic_floats = 0;
  std::size_t parameters = 0;  // learned numbers of one lane
  Region parameter, gradient, state[3], average, best, statistic, workspace;
  std::size_t bytes = 0;  // the arena, all lanes
  double flops = 0;       // of one lane's update: matrix products, 2 per multiply-add
};

/// Weights of one lane to evaluate with: its own, averaged or best ones.
struct Weights {
  const float* parameters;
  float* statistics;
};

inline constexpr std::size_t arena_alignment = 64;

Plan make_plan(const Architecture& architecture, const PlanOptions& options);

/// Bytes of a tensor of numbers of `number` bytes for `rows` examples; images as Images lays them out.
std::size_t tensor_bytes(const Tensor& tensor, int rows, std::size_t number = sizeof(float));
/// Bytes of a number of it.
std::size_t number_bytes(const Graph& graph, TensorId id, const PlanOptions& options);

}  // namespace vernier::engine
