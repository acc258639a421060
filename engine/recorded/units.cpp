// Which units still learn: where the slope of an activation function is next to 0, no gradient passes.
#include <cmath>
#include <limits>
#include <map>

#include "engine/ir/graph.h"
#include "engine/recorded/names.h"
#include "engine/recorded/recorded.h"

namespace vernier::engine {
namespace {

/// A value at which |slope| is below this is flat: relu's negative side, the ends of sigmoid and tanh; not leaky_relu's 0.01.
constexpr double flat_slope = 0.005;

struct Watched {
  std::string layer;
  Activation activation;
  std::size_t units;  // of a convolution its filters
};

/// In the order of computation. gelu's slope does not follow from what it gives, so its layers have none.
std::vector<Watched> watched(const Graph& graph) {
  std::vector<Watched> layers;
  for (const Op& op : graph.forward) {
    if (op.activation == Activation::identity || slope_needs_input(op.activation)) continue;
    const Tensor& y = graph.at(op.y);
    layers.push_back({y.name.substr(0, y.name.rfind('.')), op.activation,
                      static_cast<std::size_t>(y.shape.back())});
  }
  return layers;
}

struct Count {
  std::size_t dead = 0, units = 0, flat = 0, values = 0;
  void add(const Count& other) {
    dead += other.dead, units += other.units, flat += other.flat, values += other.values;
  }
};

/// `values`: (examples and places, units).
Count count(const Watched& layer, std::span<const float> values) {
  Count count{0, layer.units, 0, values.size()};
  std::vector<bool> alive(layer.units);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double y = static_cast<double>(values[i]);
    if (std::fabs(activate_slope(layer.activation, y, y)) < flat_slope)
      ++count.flat;
    else
      alive[i % layer.units] = true;
  }
  for (const bool one : alive) count.dead += one ? 0 : 1;
  return count;
}

std::string misfit(const Subject& subject) {
  if (watched(build_graph(subject.net)).empty())
    return "no layer has an activation function with slopes of its own; expected one, as relu";
  return "";
}

std::vector<std::string> names(const Subject& subject) {
  std::vector<std::string> layers;
  for (const Watched& layer : watched(build_graph(subject.net))) layers.push_back(layer.layer);
  const auto dead = metric_names("dead", layers), flat = metric_names("flat", layers);
  std::vector<std::string> all{"dead", "flat"};
  for (std::size_t i = 0; i < layers.size(); ++i) {
    all.push_back(dead[i]);
    all.push_back(flat[i]);
  }
  return all;
}

std::vector<double> measure(const Scene& scene) {
  const std::vector<Watched> layers = watched(scene.plan->graph);
  if (scene.diverged)
    return std::vector<double>(2 + 2 * layers.size(), std::numeric_limits<double>::quiet_NaN());
  std::map<std::string, Count> found;
  scene.activations([&](const std::string& name, std::span<const float> values) {
    for (const Watched& layer : layers)
      if (layer.layer == name) found[name] = count(layer, values);
  });
  const auto share = [](std::size_t part, std::size_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
  };
  Count sum;
  std::vector<double> shares(2);
  for (const Watched& layer : layers) {
    const Count& one = found.at(layer.layer);
    sum.add(one);
    shares.push_back(share(one.dead, one.units));
    shares.push_back(share(one.flat, one.values));
  }
  shares[0] = share(sum.dead, sum.units);
  shares[1] = share(sum.flat, sum.values);
  return shares;
}

}  // namespace

Recording units_recording() {
  Recording recording;
  recording.misfit = misfit;
  recording.metrics = "dead flat";
  recording.metric_names = names;
  recording.measure = measure;
  return recording;
}

}  // namespace vernier::engine
