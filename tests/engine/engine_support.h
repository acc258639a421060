// Random networks, batches and data sets for the engine's tests.
#pragma once
#include <doctest/doctest.h>

#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "core/rng.h"
#include "engine/data/dataset.h"
#include "engine/engine.h"
#include "engine/ir/architecture.h"
#include "engine/reference/oracle.h"

namespace vernier::engine::testing {

inline Part random_part(Rng& rng, int n, int features, int classes, int outputs) {
  Part part;
  part.n = n;
  for (int i = 0; i < n * features; ++i) part.x.push_back(static_cast<float>(rng.normal()));
  for (int i = 0; i < n; ++i) {
    if (classes > 0) {
      part.labels.push_back(
          static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(classes))));
    } else {
      for (int k = 0; k < outputs; ++k) part.targets.push_back(static_cast<float>(rng.normal()));
    }
  }
  return part;
}

/// classes 0: regression of `outputs` numbers.
inline Dataset noise_data(std::uint64_t seed, int features, int classes, int outputs,
                          int train = 50, int valid = 21, int test = 13) {
  Rng rng({seed, Stream::data, 0});
  Dataset data;
  data.name = "random";
  data.shape = {features};
  data.features = features;
  data.classes = classes;
  data.outputs = outputs;
  data.train = random_part(rng, train, features, classes, outputs);
  data.valid = random_part(rng, valid, features, classes, outputs);
  data.test = random_part(rng, test, features, classes, outputs);
  return data;
}

inline Layer dense(const std::string& name, int units, bool bias = true) {
  return {name, DenseLayer{units, bias, {InitRule::Kind::normal, 0.6}}};
}

/// Moves every weight and statistic a little off its initial value, so that no zero or one hides a mistake.
inline void perturb(reference::NamedTensors& weights, std::uint64_t seed) {
  Rng rng({seed, Stream::init, 7});
  for (auto& [name, values] : weights) {
    for (double& v : values) v = static_cast<double>(static_cast<float>(v + 0.2 * rng.uniform()));
  }
}

/// |a - b| over the larger norm, of whole tensors.
template <class A, class B>
double relative_error(const A& a, const B& b) {
  REQUIRE(a.size() == b.size());
  double difference = 0, norm_a = 0, norm_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    difference += (x - y) * (x - y);
    norm_a += x * x;
    norm_b += y * y;
  }
  const double norm = std::sqrt(std::max(norm_a, norm_b));
  return norm > 0 ? std::sqrt(difference) / norm : 0.0;
}

inline double metric(const MetricRow& row, const std::string& name) {
  for (const auto& [key, value] : row.results) {
    if (key == name) return value;
  }
  FAIL("no metric " << name);
  return 0;
}

}  // namespace vernier::engine::testing
