// The plane as a network of two inputs sees it.
#include <cmath>

#include "engine/math/probabilities.h"
#include "engine/recorded/grid.h"
#include "engine/recorded/pictures.h"
#include "engine/recorded/recorded.h"

namespace vernier::engine {
namespace {

constexpr std::size_t cells = 96;  // each way
constexpr std::size_t most_points = 400;
constexpr int most_classes = 255;

std::string misfit(const Subject& subject) {
  if (subject.data.input != Shape{2})
    return "inputs of shape " + to_text(subject.data.input) + "; expected two numbers";
  if (subject.data.classes == 0) return "the target is a number; expected classes";
  if (subject.data.classes > most_classes)
    return fmt::format("{} classes; expected at most {}", subject.data.classes, most_classes);
  return "";
}

Json points(const Dataset& data) {
  const auto indices = some(data.valid.n, most_points);
  std::vector<float> x = examples(data.valid, 2, indices);
  data.preparation.undo(x);
  Json json{{"x", Json::array()}, {"y", Json::array()}, {"class", Json::array()}};
  for (std::size_t i = 0; i < indices.size(); ++i) {
    json["x"].push_back(rounded(static_cast<double>(x[2 * i])));
    json["y"].push_back(rounded(static_cast<double>(x[2 * i + 1])));
    json["class"].push_back(data.valid.labels[indices[i]]);
  }
  return json;
}

std::vector<Recorded> keep(const Scene& scene) {
  const Axis x = axis_of(*scene.data, 0, 0.05), y = axis_of(*scene.data, 1, 0.05);
  std::vector<float> grid;
  for (std::size_t row = 0; row < cells; ++row) {
    for (std::size_t column = 0; column < cells; ++column) {
      grid.push_back(static_cast<float>(x.at(column, cells)));
      grid.push_back(static_cast<float>(y.at(row, cells)));
    }
  }
  const std::vector<float> outputs = scene.outputs(prepared(*scene.data, std::move(grid)));
  const auto units = static_cast<std::size_t>(scene.data->outputs);
  std::vector<std::uint8_t> classes, confidence;
  for (std::size_t at = 0; at < outputs.size(); at += units) {
    const int predicted = predicted_class(outputs.data() + at, static_cast<int>(units));
    classes.push_back(static_cast<std::uint8_t>(predicted));
    std::vector<double> scores(outputs.data() + at, outputs.data() + at + units);
    if (!to_probabilities(scene.recipe->loss, scores)) continue;
    const double sure = units > 1        ? scores[static_cast<std::size_t>(predicted)]
                        : predicted == 1 ? scores[0]
                                         : 1 - scores[0];
    confidence.push_back(static_cast<std::uint8_t>(std::lround(255 * sure)));
  }
  Json json{{"x", {rounded(x.low), rounded(x.high)}},
            {"y", {rounded(y.low), rounded(y.high)}},
            {"columns", cells},
            {"rows", cells},
            {"classes", scene.data->names_of_classes()},
            {"class", bytes_text(classes)},
            {"points", points(*scene.data)}};
  if (!confidence.empty()) json["confidence"] = bytes_text(confidence);
  return {picture("decision_map", "decision_map", json)};
}

}  // namespace

Recording map_recording() {
  Recording recording;
  recording.misfit = misfit;
  recording.keep = keep;
  return recording;
}

}  // namespace vernier::engine
