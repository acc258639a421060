// What the network is most wrong about: the validation examples by their loss, the largest first.
#include <algorithm>
#include <numeric>

#include "engine/math/probabilities.h"
#include "engine/recorded/pictures.h"
#include "engine/recorded/recorded.h"

namespace vernier::engine {
namespace {

constexpr std::size_t most_examples = 24;
constexpr std::size_t most_features = 16;  // of an example that is no image

std::string misfit(const Subject& subject) {
  return subject.data.classes == 0 ? "the target is a number; expected classes" : "";
}

std::vector<float> losses(const Scene& scene) {
  std::vector<float> all;
  const int units = scene.data->outputs;
  const float* z = scene.valid_outputs().data();
  for (const std::int32_t label : scene.data->valid.labels) {
    all.push_back(class_loss<float>(scene.recipe->loss, z, units, label, 0, 1, nullptr));
    z += units;
  }
  return all;
}

Json item(const Scene& scene, std::size_t index, double loss) {
  const auto units = static_cast<std::size_t>(scene.data->outputs);
  const float* z = scene.valid_outputs().data() + index * units;
  const std::vector<std::string> names = scene.data->names_of_classes();
  const auto predicted = static_cast<std::size_t>(predicted_class(z, static_cast<int>(units)));
  const auto label = static_cast<std::size_t>(scene.data->valid.labels[index]);
  Json json{{"index", index}, {"label", names[label]}, {"predicted", names[predicted]}};
  std::vector<double> scores(z, z + units);
  if (to_probabilities(scene.recipe->loss, scores)) {
    const double sure = units > 1 ? scores[predicted] : predicted == 1 ? scores[0] : 1 - scores[0];
    json["confidence"] = rounded(sure);
  }
  json["loss"] = rounded(loss);
  return json;
}

std::vector<Recorded> keep(const Scene& scene) {
  const std::vector<float> loss = losses(scene);
  std::vector<std::size_t> order(loss.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t n = std::min(most_examples, order.size());
  std::partial_sort(
      order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n), order.end(),
      [&](std::size_t a, std::size_t b) { return loss[a] != loss[b] ? loss[a] > loss[b] : a < b; });
  order.resize(n);
  Json json{{"part", "valid"}, {"items", Json::array()}};
  for (const std::size_t i : order)
    json["items"].push_back(item(scene, i, static_cast<double>(loss[i])));
  std::vector<float> x = examples(scene.data->valid, scene.data->features, order);
  if (is_picture(scene.data->shape)) {
    put_size(json, scene.data->shape);
    json["pixels"] = bytes_text(picture_bytes(scene.data->preparation, std::move(x), n));
  } else {
    scene.data->preparation.undo(x);
    const auto features = static_cast<std::size_t>(scene.data->features);
    json["features"] = Json::array();
    for (std::size_t i = 0; i < n; ++i) {
      Json values = Json::array();
      for (std::size_t f = 0; f < std::min(features, most_features); ++f)
        values.push_back(rounded(static_cast<double>(x[i * features + f])));
      json["features"].push_back(values);
    }
  }
  return {picture("examples", "examples", json)};
}

}  // namespace

Recording worst_recording() {
  Recording recording;
  recording.misfit = misfit;
  recording.keep = keep;
  return recording;
}

}  // namespace vernier::engine
