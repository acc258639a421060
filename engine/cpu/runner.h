// Executes a plan's operations for one lane on the calling thread.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/rng.h"
#include "core/shuffle.h"
#include "engine/cpu/arena.h"
#include "engine/cpu/kernels.h"
#include "engine/data/dataset.h"
#include "engine/math/augment.h"
#include "engine/plan/plan.h"

namespace vernier::engine::cpu {

/// What one training batch is made of.
struct TrainBatch {
  const Part* part = nullptr;
  const vernier::Shuffle* order = nullptr;  // of the epoch
  int first = 0;                            // place in the order of the batch's first example
  Loss loss = Loss::cross_entropy;
  float smoothing = 0;
  RngKey dropout_key;  // stream dropout
  RngKey augment_key;  // stream augment
  AugmentRule augment;
  std::uint32_t update = 0;  // selects the masks, and what is done to the images
};

using engine::Weights;

/// PlanOptions::scratch of plans that a Runner executes.
std::size_t scratch_floats(const Graph& graph, const Op& op);

class Runner {
 public:
  /// `plan` and `arena` outlive it.
  Runner(const Plan& plan, const Arena& arena, int lane)
      : plan_(plan), arena_(arena), lane_(lane) {}

  /// Forward and backward: the gradients of all parameters are in the gradient region afterwards. Sums over the batch.
  LossSum gradients(const TrainBatch& batch) const;
  /// Sums over the whole part, without dropout, smoothing or gradients.
  LossSum evaluate(const Part& part, Loss loss, const Weights& weights) const;
  /// (n, outputs) of the part's examples, before the loss's own softmax or sigmoid; only part.x and part.n are read.
  std::vector<float> outputs(const Part& part, const Weights& weights) const;
  /// What each activation function gives for the part's first examples (one pass: at most PlanOptions::evaluation_rows), in the order of
  /// computation: the layer whose operation it is part of, and (rows, features).
  void activations(
      const Part& part, const Weights& weights,
      const std::function<void(const std::string& layer, std::span<const float>)>& visit) const;

 private:
  struct Pass;
  static void activate_all(float* y, float* saved, const Op& op, const Pass& pass);
  void forward(const Op& op, const Pass& pass) const;
  /// visit(first, pass) behind the forward pass of each batch, watch(op, pass) behind each operation of it.
  template <class Visit, class Watch>
  void each_batch(const Part& part, const Weights& weights, Visit&& visit, Watch&& watch) const;
  void backward(const Op& op, const Pass& pass) const;

  const Plan& plan_;
  const Arena& arena_;
  int lane_;
};

}  // namespace vernier::engine::cpu
