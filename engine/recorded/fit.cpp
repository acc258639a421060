// A regression of one input, drawn.
#include "engine/recorded/grid.h"
#include "engine/recorded/pictures.h"
#include "engine/recorded/recorded.h"

namespace vernier::engine {
namespace {

constexpr std::size_t places = 200;
constexpr std::size_t most_points = 400;

std::string misfit(const Subject& subject) {
  if (subject.data.classes > 0) return "the target is a class; expected a number";
  if (subject.data.input != Shape{1})
    return "inputs of shape " + to_text(subject.data.input) + "; expected one number";
  if (subject.data.outputs != 1)
    return fmt::format("{} numbers are predicted; expected one", subject.data.outputs);
  return "";
}

std::vector<Recorded> keep(const Scene& scene) {
  const Dataset& data = *scene.data;
  const auto own = [&](float y) {
    return rounded(static_cast<double>(y) * data.target_deviation + data.target_mean);
  };
  const Axis axis = axis_of(data, 0, 0.02);
  std::vector<float> x;
  for (std::size_t i = 0; i < places; ++i) x.push_back(static_cast<float>(axis.at(i, places)));
  const std::vector<float> outputs = scene.outputs(prepared(data, x));
  Json json{{"x", Json::array()}, {"y", Json::array()}, {"x_name", "x"}, {"y_name", "y"}};
  for (std::size_t i = 0; i < places; ++i) {
    json["x"].push_back(rounded(static_cast<double>(x[i])));
    json["y"].push_back(own(outputs[i]));
  }
  const auto indices = some(data.valid.n, most_points);
  std::vector<float> at = examples(data.valid, 1, indices);
  data.preparation.undo(at);
  Json points{{"x", Json::array()}, {"y", Json::array()}};
  for (std::size_t i = 0; i < indices.size(); ++i) {
    points["x"].push_back(rounded(static_cast<double>(at[i])));
    points["y"].push_back(own(data.valid.targets[indices[i]]));
  }
  json["points"] = points;
  return {picture("fitted_curve", "fitted_curve", json)};
}

}  // namespace

Recording fit_recording() {
  Recording recording;
  recording.misfit = misfit;
  recording.keep = keep;
  return recording;
}

}  // namespace vernier::engine
