// A network as a list of layers: what a model's file writes and everything else reads. Shapes are those of one
// example of one lane; the graph adds the leading dimensions (lanes, batch).
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/error.h"
#include "engine/engine.h"
#include "engine/math/activations.h"
#include "engine/math/initialisers.h"

namespace vernier::engine {

/// A layer that does not fit its input or the layers beside it.
struct ShapeError : UsageError {
  using UsageError::UsageError;
};

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
/// Over the batch, per unit (Ioffe and Szegedy 2015), of images per channel: gain and shift learned, running mean and variance (momentum
/// 0.1, variance unbiased, epsilon 1e-5: torch.nn.BatchNorm1d and 2d) used in evaluation.
struct BatchNormLayer {};
/// (height, width, channels) -> (height * width * channels).
struct FlattenLayer {};

/// What a convolution or pooling sees of an image at once. `before`: rows above and columns left of the image that count as zeros (pooling:
/// are left out), `after`: below and right. Output: floor((size + before + after - window) / stride) + 1.
struct Window {
  int height = 1, width = 1;
  int stride = 1;
  int before = 0, after = 0;
};
/// (k - 1) / 2 before and k / 2 after: the image keeps its size at stride 1, and becomes ceil(size / stride) otherwise.
Window same_window(int kernel, int stride = 1);

/// (height, width, inputs) -> (height', width', filters): cross-correlation, as in torch.nn.Conv2d. W is (window height, window width,
/// inputs / groups, filters), drawn by `weights`; b starts at 0. Filters of group g see the inputs of group g.
struct Conv2dLayer {
  int filters = 1;
  Window window;
  int groups = 1;
  bool bias = true;
  InitRule weights;
};
enum class Pooling : std::uint8_t { max, average };
struct PoolLayer {
  Pooling pooling = Pooling::max;
  Window window;
};
/// (height, width, channels) -> (channels).
struct GlobalAveragePoolLayer {};
/// A shortcut without weights (He et al. 2015, option A): every `stride`-th row and column, and zeros for the channels that are new.
struct PadShortcutLayer {
  int stride = 1;
  int channels = 1;
};

struct Layer;
/// body(x) + shortcut(x), of one shape. An empty shortcut is the identity.
struct ResidualLayer {
  std::vector<Layer> body, shortcut;
};
/// The channels of every branch's output, one after the other.
struct BranchesLayer {
  std::vector<std::vector<Layer>> branches;
};

using LayerKind =
    std::variant<DenseLayer, ActivationLayer, SoftmaxLayer, DropoutLayer, BatchNormLayer,
                 FlattenLayer, Conv2dLayer, PoolLayer, GlobalAveragePoolLayer, PadShortcutLayer,
                 ResidualLayer, BranchesLayer>;

struct Layer {
  std::string name;  // "dense1": unique in its model, those inside others included
  LayerKind kind;
};

/// The layers inside a layer, constant or not, in the order in which they compute: visit(layers).
template <class AnyLayer, class F>
void each_inner_list(AnyLayer& layer, F&& visit) {
  if (auto* residual = std::get_if<ResidualLayer>(&layer.kind)) {
    visit(residual->body);
    visit(residual->shortcut);
  } else if (auto* branches = std::get_if<BranchesLayer>(&layer.kind)) {
    for (auto& branch : branches->branches) visit(branch);
  }
}
/// Every layer, those inside others included, in the order in which they compute: visit(layer).
template <class Layers, class F>
void each_layer(Layers& layers, F&& visit) {
  for (auto& layer : layers) {
    visit(layer);
    each_inner_list(layer, [&](auto& inner) { each_layer(inner, visit); });
  }
}

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
Shape output_shape(const std::vector<Layer>& layers, Shape shape);
/// Learned numbers of the layer itself, without those inside it; of these, weights (what a fan-in rule initialises, neither biases nor batch
/// norm).
std::size_t parameter_count(const Layer& layer, const Shape& input);
std::size_t weight_count(const Layer& layer, const Shape& input);
/// Multiply-adds x 2 of the forward pass for one example: matrix products and convolutions only.
double forward_flops(const Layer& layer, const Shape& input);

/// "(784) dense1:256 relu1 output:10": tells apart networks whose weights do not fit each other; `widths` false: those that differ in units
/// and filters alone read the same.
std::string to_text(const Architecture& architecture, bool widths = true);

/// Layers that do something (no dropout of rate 0), in order; those inside others stand before the sum or concatenation they lead to.
ModelSummary summarize(const Architecture& architecture);

}  // namespace vernier::engine
