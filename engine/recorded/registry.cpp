#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "engine/recorded/recorded.h"

namespace vernier::engine {
namespace {

constexpr int most_pictures = 20;  // of one name, where train.record.every is not given

struct Entry {
  const char* name;
  Recording (*make)();
};

constexpr Entry entries[] = {
#define RECORDING(name, summary) {#name, name##_recording},
#include "engine/recorded/recorded.def"
#undef RECORDING
};

}  // namespace

const std::vector<RecordingInfo>& recordings() {
  static const std::vector<RecordingInfo> infos{
#define RECORDING(name, summary) {#name, summary},
#include "engine/recorded/recorded.def"
#undef RECORDING
  };
  return infos;
}

Recording find_recording(const std::string& name) {
  for (const Entry& entry : entries)
    if (name == entry.name) return entry.make();
  fail<UsageError>("[train.record] unknown name '{}'", name);
}

bool is_spaced(const std::string& name) { return find_recording(name).keep != nullptr; }

std::vector<std::string> recorded_metrics() {
  std::vector<std::string> all;
  for (const Entry& entry : entries) {
    const std::string_view metrics = entry.make().metrics;
    if (metrics.empty()) continue;
    for (std::string& metric : split(metrics, ' ')) all.push_back(std::move(metric));
  }
  return all;
}

std::string record_misfit(const RecordSettings& settings, const Subject& subject) {
  for (const std::string& kind : settings.kinds) {
    const std::string why = find_recording(kind).misfit(subject);
    if (!why.empty()) return fmt::format("[train.record] {} has no effect: {}", kind, why);
  }
  return "";
}

RecordRule make_record_rule(const RecordSettings& settings, const Subject& subject, int steps) {
  RecordRule rule;
  rule.every = settings.every > 0 ? settings.every : (steps + most_pictures - 1) / most_pictures;
  for (const std::string& kind : settings.kinds) {
    const Recording recording = find_recording(kind);
    if (!recording.misfit(subject).empty()) continue;
    rule.kinds.push_back(kind);
    if (recording.metric_names == nullptr) continue;
    for (std::string& name : recording.metric_names(subject))
      rule.metrics.push_back(std::move(name));
  }
  return rule;
}

void add_recorded_metrics(const Scene& scene, MetricRow& row) {
  const RecordRule& record = scene.recipe->record;
  auto name = record.metrics.begin();
  for (const std::string& kind : record.kinds) {
    const Recording recording = find_recording(kind);
    if (recording.measure == nullptr) continue;
    for (const double value : recording.measure(scene)) row.results.emplace_back(*name++, value);
  }
}

void keep_pictures(const Scene& scene, MetricRow& row) {
  for (const std::string& kind : scene.recipe->record.kinds) {
    const Recording recording = find_recording(kind);
    if (recording.keep == nullptr) continue;
    for (Recorded& picture : recording.keep(scene)) row.recorded.push_back(std::move(picture));
  }
}

const std::vector<float>& Scene::valid_outputs() const {
  if (valid_outputs_.empty()) valid_outputs_ = outputs(data->valid);
  return valid_outputs_;
}

std::span<const float> Scene::values(std::size_t tensor) const {
  return {parameters() + plan->training[tensor] / sizeof(float),
          elements(plan->graph.tensors[tensor].shape)};
}

}  // namespace vernier::engine
