// All memory that a cohort asks a device for, known before: one block of `bytes`, every part of it [T, ...].
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "engine/cohort/recipe.h"
#include "engine/cuda/device.h"
#include "engine/cuda/lane_state.h"
#include "engine/cuda/resident.h"
#include "engine/plan/plan.h"

namespace vernier::engine::cuda {

/// What all lanes of a cohort share.
struct Training {
  Loss loss = Loss::cross_entropy;
  Optimizer optimizer = Optimizer::adam;
  Precision precision = Precision::fp32;
  int updates_per_epoch = 1;
  /// [begin, end) of the parameters that learn, in floats; each begin on a multiple of 16.
  std::vector<std::pair<std::size_t, std::size_t>> learning;
  std::vector<std::string> frozen;  // layers
  /// Of each layer that learns, in the order of learning_layers(): [begin, end) of its tensors, in floats.
  std::vector<std::vector<std::pair<std::size_t, std::size_t>>> layers;
  bool augment = false;
};

struct Layout {
  Plan plan;  // at offset 0
  Training training;
  int rows = 0;            // the most examples of one pass
  int partial_blocks = 0;  // of one lane
  std::size_t steps = 0;   // of one lane: the most updates of a step
  /// The plan's arena apart: LaneState, LaneSums, OptimizerStep<float>[steps], and the runner's scratch.
  Region state, sums, coefficients, losses, correct, partial;
  /// Sums over a step's updates of the norm of each layer's gradient (train.record).
  Region layer_norms;
  /// The lane's outputs as floats, the lanes' side by side.
  Region wide;
  /// bf16: the lane's parameters as products read them.
  Region narrow;
  /// The lane's filters as cuDNN reads them, each where it lies among the parameters; of no bytes where no layer may be cuDNN's.
  Region turned;
  /// One byte a parameter, 1 for those of the lane's own width; of no bytes where layers have no bucket.
  Region real;
  /// Examples of an evaluation, once for all lanes (stride 0), where they cannot be read as they lie; else of no bytes.
  Region examples;
  /// Likewise of examples that the data set has not: what the plane or the line is drawn with (train.record: map, fit). Of no bytes where
  /// there are more inputs.
  Region points;
  std::size_t bytes = 0;

  /// The weights that are evaluated: the averaged ones where there are such.
  const Region& current() const { return plan.options.average ? plan.average : plan.parameter; }
};

/// Of `lanes` lanes of this recipe, as wide as its buckets (buckets.h).
Layout make_layout(const Recipe& recipe, const Dataset& data, int lanes);

/// How values between layers lie.
inline Number value_number(Precision precision) {
  return precision == Precision::bf16 ? Number::bf16 : Number::fp32;
}

/// Blocks that the squares of `count` numbers are summed in.
std::size_t blocks_of(std::size_t count);

/// Of a convolution: floats of an example's windows side by side, of one group's channels, and examples unfolded at a time. 0: its products read
/// the images themselves.
std::size_t unfolded_floats(const Graph& graph, const Op& op);
int unfolded_rows(std::size_t floats);

/// Why a GPU cannot train it in this version, "more than 64 dropout layers"; empty where it can.
std::string cannot_train(const Recipe& recipe);

/// Equal for trials that may be lanes of one cohort on a GPU: as fusion_key(), and what the shared operations depend on beside it.
std::string device_key(const TrialSettings& settings, const Recipe& recipe);

}  // namespace vernier::engine::cuda
