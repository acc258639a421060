#include "experiments/study/claim_names.h"

#include <algorithm>

#include "core/error.h"
#include "core/expr/expr.h"
#include "core/text.h"
#include "engine/cohort/recipe.h"
#include "engine/recorded/recorded.h"
#include "experiments/study/dotted.h"
#include "experiments/study/require.h"

namespace vernier::experiments {
namespace {

constexpr std::string_view calls[] = {"last", "best"};

bool is_among(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

void add_paths(const Json& json, const std::string& path, std::vector<std::string>& names) {
  if (json.is_object()) {
    for (const auto& [key, value] : json.items())
      add_paths(value, path.empty() ? key : path + "." + key, names);
  } else if (!json.is_array()) {
    names.push_back(path);
  }
}

/// Of `train.record`: a kind, a list of them, or {kinds: [...], ...}.
std::vector<std::string> recorded_kinds(const Json& json) {
  if (json.is_object())
    return json.contains("kinds") ? recorded_kinds(json["kinds"]) : std::vector<std::string>{};
  std::vector<std::string> kinds;
  for (const Json& kind : json.is_array() ? json : Json::array({json}))
    if (kind.is_string()) kinds.push_back(kind);
  return kinds;
}

/// Kinds that leave metrics, not pictures.
bool record_metrics(const std::vector<std::string>& kinds) {
  const auto& known = engine::recordings();
  return std::any_of(known.begin(), known.end(), [&](const auto& kind) {
    return is_among(kinds, kind.name) && !engine::is_spaced(kind.name);
  });
}

}  // namespace

ClaimNames::ClaimNames(const Spec& spec) : spec_(spec) {
  for (const search::Parameter& parameter : spec.parameters) parameters_.push_back(parameter.name);
  for (const MetricSpec& metric : spec.metrics) metrics_.push_back(metric.name);
  if (spec.command) return;
  for (const bool classes : {true, false})
    for (const std::string& name : engine::result_names(classes))
      if (!is_among(metrics_, name)) metrics_.push_back(name);
  for (const std::string& name : engine::timing_names())
    if (!is_among(metrics_, name)) metrics_.push_back(name);
  recorded_ = recorded_kinds(get_dotted(base_sections(spec.json), "train.record"));
  if (!is_parameter("train.record") && !record_metrics(recorded_)) return;
  for (const std::string& name : engine::recorded_metrics())
    if (!is_among(metrics_, name)) metrics_.push_back(name);
}

bool ClaimNames::is_parameter(const std::string& name) const { return is_among(parameters_, name); }

bool ClaimNames::is_metric(const std::string& name) const {
  return is_among(metrics_, name) ||
         std::any_of(metrics_.begin(), metrics_.end(), [&](const std::string& metric) {
           return name.starts_with(metric + ".") && name.size() > metric.size() + 1;
         });
}

std::string ClaimNames::parameter(const Reader& reader) const {
  const std::string name = reader.text();
  std::vector<std::string> known = parameters_;
  if (over_studies && spec_.command) return name;
  if (over_studies) {
    const auto& settings = engine::setting_names();
    known.insert(known.end(), settings.begin(), settings.end());
  }
  if (!is_among(known, name))
    reader.error(
        fmt::format("'{}' is no parameter of this study{}", printable(name), hint(name, known)));
  return name;
}

std::string ClaimNames::value(const Reader& reader, const std::string& parameter) const {
  const Json& json = reader.json();
  if (json.is_structured() || json.is_null())
    reader.refuse(fmt::format("a value of {}", printable(parameter)));
  const std::string text = to_text(value_from_json(json));
  std::vector<std::string> values;
  for (const search::Parameter& each : spec_.parameters)
    if (each.name == parameter)
      for (const Value& choice : each.choices) values.push_back(to_text(choice));
  if (!values.empty() && !is_among(values, text))
    reader.error(fmt::format("'{}' is no value of {}{}", printable(text), printable(parameter),
                             hint(text, values)));
  return text;
}

std::string ClaimNames::metric(const Reader& reader) const {
  const std::string name = reader.text();
  if (!spec_.command && !is_metric(name))
    reader.error(fmt::format("'{}' is no metric{}", printable(name), hint(name, metrics_)));
  return name;
}

std::string ClaimNames::picture(const Reader& reader) const {
  const std::string kind = reader.one_of({"map", "histograms", "filters", "fit", "confusion"});
  if (!over_studies && !spec_.command && !is_parameter("train.record") &&
      !is_among(recorded_, kind))
    reader.error(fmt::format(
        "'{}' is not recorded; expected it among train.record, {}", kind,
        recorded_.empty() ? "which names nothing" : "which names " + join(recorded_, ", ")));
  return kind;
}

std::vector<std::string> ClaimNames::settings() const {
  std::vector<std::string> names = parameters_;
  add_paths(base_sections(spec_.json), "", names);
  if (over_studies && !spec_.command) {
    const auto& all = engine::setting_names();
    names.insert(names.end(), all.begin(), all.end());
  }
  names.insert(names.end(), fact_names.begin(), fact_names.end());
  for (const char* word : {"study", "study.seed", "sampler", "strategy", "device"})
    names.emplace_back(word);
  return names;
}

std::string ClaimNames::expression(const Reader& reader, bool results) const {
  const std::string text = reader.text();
  if (results && is_among(metrics_, text)) return text;
  try {
    expr::Node node = expr::parse(text);
    const std::vector<std::string> named = expr::names(node);
    if (results) expr::name_calls(node, calls);
    std::vector<std::string> known = settings();
    if (results) {
      for (const char* word : {"steps", "best_step", "seconds"}) known.emplace_back(word);
      std::vector<std::string> metrics = metrics_;
      for (const std::string& name : named)
        if (is_metric(name) && !is_among(metrics, name)) metrics.push_back(name);
      for (const std::string& name : metrics)
        known.insert(known.end(), {name, "last(" + name + ")", "best(" + name + ")"});
    }
    // What a program reports is known when it ran; what other studies vary, when they are given.
    const bool open = spec_.command && (results || over_studies);
    if (!open) expr::bind(node, known);
    (void)expr::evaluate(node, [](std::string_view) { return Value(); });
  } catch (const UsageError& error) {
    reader.error(error.what());
  }
  return text;
}

}  // namespace vernier::experiments
