#include "engine/recorded/pictures.h"
#include "engine/recorded/recorded.h"

namespace vernier::engine {
namespace {

constexpr int most_classes = 256;

std::string misfit(const Subject& subject) {
  if (subject.data.classes == 0) return "the target is a number; expected classes";
  if (subject.data.classes > most_classes)
    return fmt::format("{} classes; expected at most {}", subject.data.classes, most_classes);
  return "";
}

std::vector<Recorded> keep(const Scene& scene) {
  const auto classes = static_cast<std::size_t>(scene.data->classes);
  std::vector<std::vector<int>> counts(classes, std::vector<int>(classes));
  const int units = scene.data->outputs;
  const float* z = scene.valid_outputs().data();
  for (const std::int32_t label : scene.data->valid.labels) {
    ++counts[static_cast<std::size_t>(label)][static_cast<std::size_t>(predicted_class(z, units))];
    z += units;
  }
  const Json json{
      {"part", "valid"}, {"classes", scene.data->names_of_classes()}, {"counts", counts}};
  return {picture("confusion", "confusion", json)};
}

}  // namespace

Recording confusion_recording() {
  Recording recording;
  recording.misfit = misfit;
  recording.keep = keep;
  return recording;
}

}  // namespace vernier::engine
