// Which classes are learned, and when.
#include <limits>

#include "engine/recorded/names.h"
#include "engine/recorded/recorded.h"

namespace vernier::engine {
namespace {

constexpr int most_classes = 100;  // each is a metric of every step

std::string misfit(const Subject& subject) {
  if (subject.data.classes == 0) return "the target is a number; expected classes";
  if (subject.data.classes > most_classes)
    return fmt::format("{} classes; expected at most {}", subject.data.classes, most_classes);
  return "";
}

std::vector<double> measure(const Scene& scene) {
  const auto classes = static_cast<std::size_t>(scene.data->classes);
  std::vector<double> right(classes), all(classes);
  if (!scene.diverged) {
    const int units = scene.data->outputs;
    const float* z = scene.valid_outputs().data();
    for (const std::int32_t label : scene.data->valid.labels) {
      const auto k = static_cast<std::size_t>(label);
      all[k] += 1;
      right[k] += predicted_class(z, units) == label ? 1 : 0;
      z += units;
    }
  }
  for (std::size_t k = 0; k < classes; ++k)
    right[k] = all[k] > 0 ? right[k] / all[k] : std::numeric_limits<double>::quiet_NaN();
  return right;
}

}  // namespace

Recording classes_recording() {
  Recording recording;
  recording.misfit = misfit;
  recording.metrics = "val_acc";
  recording.metric_names = [](const Subject& subject) {
    return metric_names("val_acc", subject.data.class_names);
  };
  recording.measure = measure;
  return recording;
}

}  // namespace vernier::engine
