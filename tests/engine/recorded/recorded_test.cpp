// What a training records on request, against the double oracle and plain loops.
#include "engine/recorded/recorded.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "core/base64.h"
#include "core/error.h"
#include "engine/cohort/checkpoint.h"
#include "engine/cohort/cpu_cohort.h"
#include "engine/ir/graph.h"
#include "engine/recorded/bins.h"
#include "tests/engine/recorded/training.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::testing;

namespace {

Json json_of(const MetricRow& row, const std::string& name) {
  for (const Recorded& recorded : row.recorded)
    if (recorded.name == name) return Json::parse(recorded.blob);
  FAIL("nothing recorded as " << name);
  return {};
}

std::vector<int> bytes_of(const std::string& text) {
  std::vector<int> bytes;
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  unsigned word = 0;
  int bits = 0;
  for (const char c : text) {
    const auto digit = digits.find(c);
    if (digit == std::string::npos) break;
    word = word << 6 | static_cast<unsigned>(digit);
    bits += 6;
    if (bits >= 8) bytes.push_back(static_cast<int>(word >> (bits -= 8) & 255));
  }
  return bytes;
}

double norm(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (const auto* values : {&a, &b})
    for (const double v : *values) sum += v * v;
  return std::sqrt(sum);
}

/// Counts of `values` in the histogram's own bins, and how far its counts are from them.
std::int64_t off_by(const Json& histogram, const std::vector<double>& values) {
  const auto edges = histogram["edges"].get<std::vector<double>>();
  auto counts = histogram["counts"].get<std::vector<std::int64_t>>();
  REQUIRE(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}) ==
          static_cast<std::int64_t>(values.size()));
  for (const double v : values)
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (v >= edges[i] && v < edges[i + 1]) --counts[i];
  std::int64_t off = 0;
  for (const std::int64_t n : counts) off += std::abs(n);
  return off;
}

}  // namespace

TEST_CASE("the gradient norm of each layer is the oracle's; together they are the whole") {
  const Dataset data = noise_data(8, 6, 4, 4, 40, 21);
  TrialSettings s = settings({"gradients"});
  s.train.batch_size = 40;  // one update a step: the gradient is that of the weights before it
  Training training(s, data);
  for (int step = 0; step < 3; ++step) {
    const auto gradients = training.run(data.train, true).gradients;
    const MetricRow row = training.step();
    double squares = 0;
    for (const std::string layer : {"dense1", "dense2", "output"}) {
      const double want = norm(gradients.at(layer + ".weight"), gradients.at(layer + ".bias"));
      const double got = metric(row, "grad_norm." + layer);
      CHECK(got == doctest::Approx(want).epsilon(1e-4));
      squares += got * got;
    }
    CHECK(std::sqrt(squares) == doctest::Approx(metric(row, "grad_norm")));
    CHECK(row.recorded.empty());
  }
}

TEST_CASE("the gradient norm of a step is the mean over its updates; frozen layers have none") {
  const Dataset data = noise_data(9, 6, 4, 4, 40, 21);
  TrialSettings s = settings({"gradients"});
  s.train.freeze = {"dense1"};
  Training whole(s, data);
  s.train.measures_per_epoch = 4;
  Training updates(s, data);
  const MetricRow row = whole.step();
  std::map<std::string, double> sum;
  for (int i = 0; i < 4; ++i)
    for (const auto& [name, value] : updates.step().results) sum[name] += value / 4;
  for (const std::string layer : {"dense2", "output"}) {
    CHECK(sum["grad_norm." + layer] > 0);
    CHECK(metric(row, "grad_norm." + layer) == doctest::Approx(sum["grad_norm." + layer]));
  }
  CHECK(sum.count("grad_norm.dense1") == 0);
}

TEST_CASE("confusion, accuracy by class and worst examples are those of the oracle's outputs") {
  for (const char* loss : {"cross_entropy", "binary_cross_entropy", "mse"}) {
    CAPTURE(loss);
    Dataset data = noise_data(11, 6, 4, 4, 40, 61);
    data.class_names = {"a cat", "dog"};
    TrialSettings s = settings({"confusion", "classes", "worst"});
    s.train.loss = loss;
    Training training(s, data);
    training.step();
    const MetricRow row = training.step();
    const auto outputs = training.run(data.valid, false).outputs;
    std::vector<std::vector<int>> counts(4, std::vector<int>(4));
    std::vector<std::pair<double, int>> losses;
    for (std::size_t i = 0; i < 61; ++i) {
      const double* z = &outputs[4 * i];
      const auto label = static_cast<std::size_t>(data.valid.labels[i]);
      ++counts[label][static_cast<std::size_t>(std::max_element(z, z + 4) - z)];
      losses.emplace_back(
          -class_loss<double>(training.recipe.loss, z, 4, data.valid.labels[i], 0, 1, nullptr),
          static_cast<int>(i));
    }
    const Json confusion = json_of(row, "confusion");
    CHECK(confusion["counts"] == Json(counts));
    CHECK(confusion["classes"] == Json({"a cat", "dog", "2", "3"}));
    int right = 0;
    const char* names[] = {"val_acc.a_cat", "val_acc.dog", "val_acc.2", "val_acc.3"};
    for (std::size_t k = 0; k < 4; ++k) {
      right += counts[k][k];
      const int all = std::accumulate(counts[k].begin(), counts[k].end(), 0);
      CHECK(metric(row, names[k]) == static_cast<double>(counts[k][k]) / all);
    }
    CHECK(metric(row, "val_acc") == static_cast<double>(right) / 61);

    std::sort(losses.begin(), losses.end());
    const Json worst = json_of(row, "examples");
    REQUIRE(worst["items"].size() == 24);
    for (std::size_t i = 0; i < 24; ++i) {
      const Json& item = worst["items"][i];
      CHECK(item["loss"].get<double>() == doctest::Approx(-losses[i].first).epsilon(1e-3));
      const auto at = static_cast<std::size_t>(item["index"].get<int>());
      CHECK(item["label"] == confusion["classes"][static_cast<std::size_t>(data.valid.labels[at])]);
      CHECK(item.contains("confidence") == (std::string(loss) != "mse"));
      for (std::size_t f = 0; f < 6; ++f)
        CHECK(worst["features"][i][f].get<double>() ==
              doctest::Approx(static_cast<double>(data.valid.x[6 * at + f])).epsilon(1e-4));
    }
    if (std::string(loss) != "cross_entropy") continue;
    const auto first = static_cast<std::size_t>(worst["items"][0]["index"].get<int>());
    const double* z = &outputs[4 * first];
    double sum = 0;
    for (int k = 0; k < 4; ++k) sum += std::exp(z[k]);
    CHECK(worst["items"][0]["confidence"].get<double>() ==
          doctest::Approx(std::exp(*std::max_element(z, z + 4)) / sum).epsilon(1e-3));
  }
}

TEST_CASE("histograms count weights, activations and logits") {
  const Dataset data = noise_data(12, 6, 4, 4, 40, 61);
  Training training(settings({"histograms"}), data);
  const MetricRow row = training.step();
  const auto weights = training.weights();
  for (const std::string layer : {"dense1", "dense2", "output"})
    CHECK(off_by(json_of(row, "weights of " + layer), weights.at(layer + ".weight")) == 0);
  std::vector<double> x(data.valid.x.begin(), data.valid.x.end());
  std::size_t inputs = 6;
  for (const std::string layer : {"dense1", "dense2", "output"}) {
    const auto &w = weights.at(layer + ".weight"), &b = weights.at(layer + ".bias");
    const std::size_t units = b.size();
    std::vector<double> y;
    for (std::size_t r = 0; r < 61; ++r) {
      for (std::size_t k = 0; k < units; ++k) {
        double z = b[k];
        for (std::size_t i = 0; i < inputs; ++i) z += x[r * inputs + i] * w[i * units + k];
        y.push_back(layer == "output" ? z : std::tanh(z));
      }
    }
    x = y;
    inputs = units;
    // A value within rounding of an edge may be counted on either side.
    const std::string name = layer == "output" ? "logits" : "activations of " + layer;
    CHECK(off_by(json_of(row, name), y) <= 2);
  }
  CHECK(row.recorded.size() == 6);
}

TEST_CASE("bins have round edges around all finite values") {
  const std::vector<float> known{-0.02F, 0, 0.5F, 0.5F, 1};
  const auto bins = make_bins(known);
  REQUIRE(bins);
  CHECK(bins->edges.front() == -0.05);
  CHECK(bins->edges[1] == 0);
  CHECK(bins->edges[2] == 0.05);
  CHECK(bins->counts[0] == 1);
  CHECK(bins->counts[1] == 1);
  CHECK(bins->counts.back() == 1);
  CHECK(!make_bins(std::vector<float>{NAN, INFINITY}));
  CHECK(!make_bins({}));
  for (const float value : {0.0F, 1.0F, -3.7e-12F, 1e30F, -1e-38F}) {
    const auto one = make_bins(std::vector<float>{value, value, NAN});
    REQUIRE(one);
    CHECK(std::accumulate(one->counts.begin(), one->counts.end(), std::int64_t{0}) == 2);
    CHECK(one->counts.size() <= 52);
  }
  Rng rng({3, Stream::sampler, 1});
  for (int round = 0; round < 300; ++round) {
    std::vector<float> values;
    const double scale = std::pow(10, 30 * rng.uniform() - 15), middle = scale * 100 * rng.normal();
    for (int i = 0; i < 50; ++i)
      values.push_back(static_cast<float>(middle + scale * rng.normal()));
    const auto random = make_bins(values);
    REQUIRE(random);
    REQUIRE(random->counts.size() <= 52);
    CHECK(std::is_sorted(random->edges.begin(), random->edges.end(), std::less_equal<>()));
    const Json json{{"edges", random->edges}, {"counts", random->counts}};
    CHECK(off_by(json, {values.begin(), values.end()}) == 0);
    CHECK(random->counts.front() > 0);
    CHECK(random->counts.back() > 0);
  }
}

TEST_CASE("worst examples of images are the pictures as stored, first filters the weights") {
  for (const int channels : {1, 3}) {
    for (const char* normalize : {"standardize", "minmax", "channel_mean", "none", "per_image"}) {
      CAPTURE(channels);
      CAPTURE(normalize);
      Rng rng({4, Stream::sampler, 1});
      Dataset data = noise_data(13, 48 * channels, 3, 3, 30, 29);
      data.shape = {6, 8, channels};
      for (Part* part : {&data.train, &data.valid})
        for (float& v : part->x) v = static_cast<float>(rng.below(256));
      const std::vector<float> stored = data.valid.x;
      data.preparation = fit_preparation(normalize, data.train.x, data.shape);
      for (Part* part : {&data.train, &data.valid}) data.preparation.apply(part->x);
      TrialSettings s = settings({"worst", "filters"});
      s.model = {};
      s.model.type = "layers";
      s.model.layers = Json::parse(
          R"([{"conv": {"name": "c1", "filters": 5, "kernel": 3, "padding": "same"}}, "relu", "flatten", {"dense": "classes"}])");
      Training training(s, data);
      const MetricRow row = training.step();
      const Json worst = json_of(row, "examples");
      CHECK(worst["width"] == 8);
      CHECK(worst["height"] == 6);
      CHECK(worst["channels"] == channels);
      const std::vector<int> pixels = bytes_of(worst["pixels"]);
      const std::size_t size = data.shape[0] * data.shape[1] * static_cast<std::size_t>(channels);
      REQUIRE(pixels.size() == worst["items"].size() * size);
      for (std::size_t i = 0; i < worst["items"].size(); ++i) {
        const auto* image =
            &stored[size * static_cast<std::size_t>(worst["items"][i]["index"].get<int>())];
        const float low = *std::min_element(image, image + size);
        const float high = *std::max_element(image, image + size);
        for (std::size_t p = 0; p < size; ++p) {
          const bool own = std::string(normalize) == "per_image";
          const double want = own ? 255.0 * (image[p] - low) / (high - low) : image[p];
          if (std::abs(pixels[i * size + p] - want) > 0.51) FAIL("pixel " << p << " of " << i);
        }
      }
      const Json filters = json_of(row, "filters");
      CHECK(filters["count"] == 5);
      CHECK(filters["width"] == 3);
      CHECK(filters["channels"] == channels);
      const double scale = filters["scale"];
      const auto weights = training.weights().at("c1.weight");  // (3, 3, channels, 5)
      const std::vector<int> shown = bytes_of(filters["pixels"]);
      REQUIRE(shown.size() == weights.size());
      double largest = 0;
      for (std::size_t k = 0; k < 5; ++k) {
        for (std::size_t i = 0; i < weights.size() / 5; ++i) {
          const double w = weights[5 * i + k];
          largest = std::max(largest, std::fabs(w));
          CHECK(std::fabs((shown[k * weights.size() / 5 + i] - 128) / 127.0 * scale - w) <
                scale / 250);
        }
      }
      CHECK(largest == doctest::Approx(scale));
    }
  }
}

TEST_CASE("a dense first layer on images has filters of the image's shape, 64 at most") {
  Dataset data = noise_data(14, 16, 3, 3);
  data.shape = {4, 4, 1};
  TrialSettings s = settings({"filters"});
  s.model.widths = {70};
  Training training(s, data);
  const Json filters = json_of(training.step(), "filters");
  CHECK(filters["count"] == 64);
  CHECK(filters["width"] == 4);
  const auto weights = training.weights().at("dense1.weight");  // (16, 70)
  const std::vector<int> shown = bytes_of(filters["pixels"]);
  REQUIRE(shown.size() == 64 * 16);
  const double scale = filters["scale"];
  for (std::size_t k = 0; k < 64; ++k)
    for (std::size_t i = 0; i < 16; ++i)
      CHECK(std::fabs((shown[16 * k + i] - 128) / 127.0 * scale - weights[70 * i + k]) <
            scale / 250);
}

TEST_CASE("a decision map is what the network says at each place, in the data's own units") {
  DataSettings from;
  from.set = "moons";
  from.n = 120;
  for (const char* normalize : {"standardize", "none"}) {
    from.normalize = normalize;
    const Dataset data = load_dataset(from, {}, null_log());
    Training training(settings({"map"}), data);
    training.step();
    training.step();
    const MetricRow row = training.step();
    const Json map = json_of(row, "decision_map");
    const std::size_t columns = map["columns"], rows = map["rows"];
    const std::vector<int> classes = bytes_of(map["class"]), sure = bytes_of(map["confidence"]);
    REQUIRE(classes.size() == columns * rows);
    REQUIRE(sure.size() == columns * rows);
    Part places;
    for (std::size_t at = 0; at < columns * rows; at += 37) {
      const auto middle = [&](const char* axis, std::size_t i, std::size_t n) {
        const double low = map[axis][0], high = map[axis][1];
        return static_cast<float>(low + (high - low) * (static_cast<double>(i) + 0.5) /
                                            static_cast<double>(n));
      };
      places.x.push_back(middle("x", at % columns, columns));
      places.x.push_back(middle("y", at / columns, rows));
      ++places.n;
    }
    data.preparation.apply(places.x);
    places.labels.assign(static_cast<std::size_t>(places.n), 0);
    const auto outputs = training.run(places, false).outputs;
    for (std::size_t i = 0; i < static_cast<std::size_t>(places.n); ++i) {
      const double margin = outputs[2 * i + 1] - outputs[2 * i];
      if (std::fabs(margin) > 1e-3) CHECK(classes[37 * i] == (margin > 0 ? 1 : 0));
      CHECK(sure[37 * i] ==
            doctest::Approx(255 / (1 + std::exp(-std::fabs(margin)))).epsilon(0.01));
    }
    const Json& points = map["points"];
    REQUIRE(points["x"].size() == static_cast<std::size_t>(data.valid.n));
    for (std::size_t i = 0; i < points["x"].size(); ++i) {
      CHECK(points["x"][i].get<double>() > map["x"][0].get<double>());
      CHECK(points["y"][i].get<double>() < map["y"][1].get<double>());
      CHECK(points["class"][i] == data.valid.labels[i]);
    }
  }
}

TEST_CASE("a fitted curve is drawn in the data's own units") {
  Dataset data = noise_data(15, 1, 0, 1, 60, 31);
  const std::vector<float> stored = data.valid.x;
  data.preparation = fit_preparation("standardize", data.train.x, data.shape);
  for (Part* part : {&data.train, &data.valid}) data.preparation.apply(part->x);
  data.target_mean = 5;
  data.target_deviation = 2;
  TrialSettings s = settings({"fit"});
  s.metric = "val_loss";
  s.maximize = false;
  Training training(s, data);
  const Json fit = json_of(training.step(), "fitted_curve");
  Part places;
  for (const Json& x : fit["x"]) places.x.push_back(x.get<float>());
  places.n = static_cast<int>(places.x.size());
  data.preparation.apply(places.x);
  const auto outputs = training.run(places, false).outputs;
  REQUIRE(fit["y"].size() == 200);
  for (std::size_t i = 0; i < 200; ++i)
    CHECK(fit["y"][i].get<double>() == doctest::Approx(5 + 2 * outputs[i]).epsilon(1e-3));
  for (std::size_t i = 0; i < 31; ++i) {
    CHECK(fit["points"]["x"][i].get<double>() ==
          doctest::Approx(static_cast<double>(stored[i])).epsilon(1e-3));
    CHECK(fit["points"]["y"][i].get<double>() ==
          doctest::Approx(5 + 2 * static_cast<double>(data.valid.targets[i])).epsilon(1e-3));
  }
}
