#include "experiments/library/info.h"

#include "experiments/library/space_impl.h"

namespace vernier {

// Both lists are the words of the house, in one order.
static_assert(static_cast<int>(State::interrupted) == static_cast<int>(store::State::interrupted));
static_assert(static_cast<int>(State::completed) == static_cast<int>(store::State::completed));

std::string to_text(State state) {
  return std::string(store::to_text(static_cast<store::State>(state)));
}

namespace detail {

Json attributes_json(const std::map<std::string, std::string>& attributes) {
  Json json = Json::object();
  for (const auto& [name, text] : attributes) json[name] = text;
  return json;
}

std::map<std::string, std::string> read_attributes(const store::Store& store, store::StudyId study,
                                                   int number) {
  std::map<std::string, std::string> attributes;
  for (const store::Artifact& artifact : store.artifacts(study, number)) {
    if (artifact.name != attributes_name || artifact.kind != "json") continue;
    const Json json = Json::parse(artifact.blob, nullptr, false);
    if (!json.is_object()) continue;
    for (const auto& [name, text] : json.items())
      attributes[name] = text.is_string() ? text.get<std::string>() : text.dump();
  }
  return attributes;
}

bool of_library(const store::StudyRecord& study) {
  const Json objective = study.spec.value("objective", Json());
  return objective.is_object() && objective.contains("function");
}

TrialInfo info_of(const store::Store& store, store::StudyId study, const store::TrialRecord& record,
                  bool attributes) {
  TrialInfo info;
  info.number = record.number;
  info.state = static_cast<State>(record.state);
  info.params = params_of(record.config);
  info.value = record.value;
  info.values = record.objectives;
  if (info.values.empty() && info.value) info.values = {*info.value};
  info.steps = record.steps;
  info.seconds = record.seconds;
  info.started = record.started;
  info.ended = record.ended;
  info.reason = record.reason;
  if (attributes) info.attributes = read_attributes(store, study, record.number);
  return info;
}

}  // namespace detail
}  // namespace vernier
