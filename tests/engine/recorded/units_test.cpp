// Dead units and flat values, counted again by plain loops.
#include <doctest/doctest.h>

#include <cmath>

#include "engine/math/activations.h"
#include "tests/engine/recorded/training.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::testing;

TEST_CASE("dead units and flat values are counted from what each layer gives") {
  for (const std::string activation : {"relu", "leaky_relu", "sigmoid", "tanh"}) {
    CAPTURE(activation);
    const Dataset data = noise_data(12, 6, 4, 4, 40, 61);
    TrialSettings s = settings({"units"});
    s.model.activation = activation;
    s.model.init = "uniform";
    s.model.gain = 12;                                   // many of each
    s.train.lr = activation == "leaky_relu" ? 1e-6 : 5;  // kills units; leaky ones would diverge
    s.train.optimizer = "sgd";
    Training training(s, data);
    const MetricRow row = training.step();
    const auto weights = training.weights();
    std::vector<double> x(data.valid.x.begin(), data.valid.x.end());
    std::size_t inputs = 6;
    double all_dead = 0, all_flat = 0;
    for (const std::string layer : {"dense1", "dense2"}) {
      const auto &w = weights.at(layer + ".weight"), &b = weights.at(layer + ".bias");
      const std::size_t units = b.size();
      std::vector<double> y;
      double dead = 0, flat = 0;
      for (std::size_t r = 0; r < 61; ++r) {
        for (std::size_t k = 0; k < units; ++k) {
          double z = b[k];
          for (std::size_t i = 0; i < inputs; ++i) z += x[r * inputs + i] * w[i * units + k];
          y.push_back(activate(*activation_from_name(activation), z));
        }
      }
      const auto is_flat = [&](double v) {
        if (activation == "relu") return v <= 0;
        if (activation == "leaky_relu") return false;
        return activation == "tanh" ? 1 - v * v < 0.005 : v * (1 - v) < 0.005;
      };
      for (std::size_t k = 0; k < units; ++k) {
        int here = 0;
        for (std::size_t r = 0; r < 61; ++r) here += is_flat(y[r * units + k]) ? 1 : 0;
        flat += here;
        dead += here == 61 ? 1 : 0;
      }
      CHECK(metric(row, "dead." + layer) == dead / static_cast<double>(units));
      CHECK(metric(row, "flat." + layer) == flat / static_cast<double>(61 * units));
      all_dead += dead;
      all_flat += flat;
      x = y;
      inputs = units;
    }
    CHECK(metric(row, "dead") == all_dead / 16);
    CHECK(metric(row, "flat") == all_flat / (61 * 16));
    CHECK((all_flat > 61) == (activation != "leaky_relu"));
    if (activation == "relu") CHECK(all_dead > 0);
  }
}

TEST_CASE("a filter is dead where it is at every place of every image") {
  Dataset data = noise_data(13, 2 * 3 * 2, 4, 4, 40, 61);
  data.shape = {2, 3, 2};
  TrialSettings s = settings({"units"});
  s.model = {};
  s.model.type = "layers";
  s.model.layers = Json::parse(R"([{"conv": {"name": "c1", "filters": 12, "kernel": 1}}, "relu",
                                   "flatten", {"dense": "classes"}])");
  s.train.lr = 3;
  s.train.optimizer = "sgd";
  Training training(s, data);
  training.step();
  const MetricRow row = training.step();
  const auto weights = training.weights();
  const auto &w = weights.at("c1.weight"), &b = weights.at("c1.bias");
  double dead = 0, flat = 0;
  for (std::size_t k = 0; k < 12; ++k) {
    int here = 0;
    for (std::size_t at = 0; at < 61 * 6; ++at) {
      const double z = static_cast<double>(data.valid.x[2 * at]) * w[k] +
                       static_cast<double>(data.valid.x[2 * at + 1]) * w[12 + k] + b[k];
      here += z <= 0 ? 1 : 0;
    }
    flat += here;
    dead += here == 61 * 6 ? 1 : 0;
  }
  CHECK(metric(row, "dead.c1") == dead / 12);
  CHECK(metric(row, "flat.c1") == doctest::Approx(flat / (61 * 6 * 12)).epsilon(1e-3));
  CHECK(dead > 0);
  CHECK(dead < 12);
}
