// A network as a list of layers: what a model's file writes and everything else reads. Shapes are those of one
// example of one lane; the graph adds the leading dimensions (lanes, batch).
#pragma once
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "engine/engine.h"
#include "engine/math/activations.h"
#include "engine/math/initialisers.h"

namespace vernier::engine {

/// y = x W + b: (inputs) -> (units). W is (inputs, units), drawn by `weights`; b starts at 0.
struct DenseLayer {
  int units = 1;
  bool bias = true;
  InitRule weights;
};
/// Elementwise.
struct ActivationLayer {
  Activation activation = Activation::relu;
};
/// Over the units of one example.
struct SoftmaxLayer {};
/// Inverted dropout (engine/math/dropout.h). `number` counts the dropout layers of the model from 0, those of rate 0 too: it
/// selects the random bits. The rate is a lane's own: lanes of different rates share a cohort.
struct DropoutLayer {
  double rate = 0;  // [0, 1)
  int number = 0;
};
/// Over the batch, per unit (Ioffe and Szegedy 2015): gain and shift learned, running mean and variance (momentum 0.1, variance
/// unbiased, epsilon 1e-5: torch.nn.BatchNorm1d) used in evaluation.
struct BatchNormLayer {};
/// (height, width, channels) -> (height * width * channels).
struct FlattenLayer {};

using LayerKind = std::variant<DenseLayer, ActivationLayer, SoftmaxLayer, DropoutLayer,
                               BatchNormLayer, FlattenLayer>;

struct Layer {
  std::string name;  // "dense1": unique in its model
  LayerKind kind;
};

struct Architecture {
  std::string model;       // the name in models()
  std::vector<int> input;  // shape of one example
  std::vector<Layer> layers;
};

inline constexpr double batch_norm_epsilon = 1e-5;
inline constexpr double batch_norm_momentum = 0.1;

using Shape = std::vector<int>;
std::size_t elements(const Shape& shape);
/// "(28, 28, 1)".
std::string to_text(const Shape& shape);

/// Output shape of `layer` for an input of `shape`. Throws UsageError where they do not fit.
Shape output_shape(const Layer& layer, const Shape& shape);
/// Learned numbers of the layer; of these, weights (what a fan-in rule initialises, neither biases nor batch norm).
std::size_t parameter_count(const Layer& layer, const Shape& input);
std::size_t weight_count(const Layer& layer, const Shape& input);
/// Multiply-adds x 2 of the forward pass for one example: matrix products only.
double forward_flops(const Layer& layer, const Shape& input);

/// Layers that do something (no dropout of rate 0), in order.
ModelSummary summarize(const Architecture& architecture);

}  // namespace vernier::engine
