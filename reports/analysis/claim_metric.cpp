#include "reports/analysis/claim_metric.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "reports/analysis/ranking.h"

namespace vernier::reports {

namespace {

constexpr const char* kSections[] = {"data", "model", "train", "augment"};
constexpr const char* kOfStudy[] = {"study", "study.seed", "sampler", "strategy", "device"};
constexpr const char* kFacts[] = {"parameters", "flops", "bytes"};
constexpr std::string_view kCalls[] = {"last", "best"};
constexpr const char* kOfTrial[] = {"steps", "best_step", "seconds"};

/// The scalar at a dotted path; nullptr where there is none.
const Json* at_path(const Json& spec, std::string_view name) {
  const Json* json = &spec;
  for (const std::string& part : split(std::string(name), '.')) {
    if (!json->is_object() || !json->contains(part)) return nullptr;
    json = &(*json)[part];
  }
  return json->is_structured() ? nullptr : json;
}

void add_paths(const Json& json, const std::string& path, std::vector<std::string>& names) {
  if (json.is_object()) {
    for (const auto& [key, value] : json.items()) add_paths(value, path + "." + key, names);
  } else if (!json.is_array()) {
    names.push_back(path);
  }
}

bool is_section(std::string_view name) {
  return std::any_of(std::begin(kSections), std::end(kSections), [&](std::string_view section) {
    return name.starts_with(section) && name.substr(section.size()).starts_with('.');
  });
}

Value text_or_missing(const std::string& text) { return text.empty() ? Value() : Value(text); }

Value finite(double value) { return std::isfinite(value) ? Value(value) : Value(); }

bool maximized(const StudyData& data, std::string_view metric) {
  for (const auto& [name, maximize] : data.study.objectives)
    if (name == metric) return maximize;
  return metric.find("loss") == metric.npos && metric.find("error") == metric.npos;
}

/// `which`: of the best step, "last" or "best".
Value metric_of(const StudyData& data, std::size_t row, std::string_view which,
                const std::string& name) {
  const auto k = data.metric(name);
  if (!k) return {};
  const Curve& curve = data.curves[row];
  const auto& best_step = data.trials[row].best_step;
  std::optional<double> best;
  for (std::size_t i = curve.steps.size(); i-- > 0;) {
    const double value = curve.metrics[*k][i];
    if (!std::isfinite(value)) continue;
    if (which == "last") return value;
    if (which.empty() && (!best_step || curve.steps[i] == *best_step)) return value;
    if (which == "best" && (!best || (maximized(data, name) ? value > *best : value < *best)))
      best = value;
  }
  return best ? Value(*best) : Value();
}

Value value_of(const StudyData& data, std::size_t row, std::string_view name) {
  const store::TrialRecord& trial = data.trials[row];
  if (name == data.objective) return trial.value ? finite(*trial.value) : Value();
  for (const auto& [timing, value] : data.curves[row].timings)
    if (name == fmt::format("last({})", timing)) return finite(value);
  for (const std::string_view which : kCalls)
    if (name.starts_with(which) && name.substr(which.size()).starts_with('(') &&
        name.ends_with(')'))
      return metric_of(data, row, which,
                       std::string(name.substr(which.size() + 1, name.size() - which.size() - 2)));
  if (data.metric(std::string(name))) return metric_of(data, row, "", std::string(name));
  for (const auto& [timing, value] : data.curves[row].timings)
    if (name == timing && name != "seconds") return finite(value);
  if (name == "steps") return std::int64_t{trial.steps};
  if (name == "best_step") return trial.best_step ? Value(std::int64_t{*trial.best_step}) : Value();
  if (name == "seconds") return trial.seconds;
  return setting_of(data, trial, name);
}

}  // namespace

std::string device_class(const store::TrialRecord& trial) {
  for (const char* kind : {"cpu", "gpu"})
    if (trial.device.starts_with(kind)) return kind;
  return "";
}

Value setting_of(const StudyData& data, const store::TrialRecord& trial, std::string_view name) {
  if (const Value* value = trial.config.find(name)) return *value;
  if (name == "study") return data.study.name;
  if (name == "sampler") return text_or_missing(data.study.sampler);
  if (name == "strategy") return text_or_missing(data.study.strategy);
  if (name == "study.seed") return static_cast<std::int64_t>(data.study.seed);
  if (name == "device") return text_or_missing(device_class(trial));
  if (const auto facts = data.facts.find(trial.number); facts != data.facts.end())
    for (const auto& [fact, value] : facts->second)
      if (fact == name) return finite(value);
  const auto& params = data.study.params;  // one that is not in the configuration is inactive
  const bool parameter =
      std::any_of(params.begin(), params.end(), [&](const auto& p) { return p.name == name; });
  if (!parameter && is_section(name))
    if (const Json* json = at_path(data.study.spec, name)) return value_from_json(*json);
  return {};
}

std::vector<std::string> setting_names(Studies studies) {
  std::vector<std::string> names;
  for (const StudyData* data : studies) {
    for (const auto& param : data->study.params) names.push_back(param.name);
    if (data->study.params.empty() && !data->trials.empty())
      for (const auto& [name, value] : data->trials.front().config) names.push_back(name);
    if (data->study.spec.is_object())
      for (const char* section : kSections)
        if (data->study.spec.contains(section))
          add_paths(data->study.spec[section], section, names);
  }
  names.insert(names.end(), std::begin(kFacts), std::end(kFacts));
  names.insert(names.end(), std::begin(kOfStudy), std::end(kOfStudy));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

ClaimFilter::ClaimFilter(Studies studies, const std::string& text) {
  if (text.empty()) return;
  node_ = expr::parse(text);
  expr::bind(*node_, setting_names(studies));
}

bool ClaimFilter::holds(const StudyData& data, const store::TrialRecord& trial) const {
  return !node_ ||
         expr::holds(*node_, [&](std::string_view name) { return setting_of(data, trial, name); });
}

ClaimMetric::ClaimMetric(Studies studies, const std::string& text) {
  std::vector<std::string> metrics;
  for (const StudyData* data : studies) {
    metrics.push_back(data->objective);
    metrics.insert(metrics.end(), data->metrics.begin(), data->metrics.end());
  }
  if (std::find(metrics.begin(), metrics.end(), text) != metrics.end()) {
    node_.op = expr::Op::name;
    node_.text = text;
    return;
  }
  std::vector<std::string> known = setting_names(studies);
  known.insert(known.end(), std::begin(kOfTrial), std::end(kOfTrial));
  for (const StudyData* data : studies)
    for (const Curve& curve : data->curves) {
      for (const auto& [timing, value] : curve.timings)
        known.insert(known.end(), {timing, fmt::format("last({})", timing)});
      if (!curve.timings.empty()) break;  // all trials measure the same
    }
  for (const std::string& name : metrics) {
    known.push_back(name);
    known.push_back(fmt::format("last({})", name));
    known.push_back(fmt::format("best({})", name));
  }
  node_ = expr::parse(text);
  expr::name_calls(node_, kCalls);
  expr::bind(node_, known);
}

std::optional<double> ClaimMetric::of(const StudyData& data, std::size_t row) const {
  if (!is_ranked(data.trials[row])) return std::nullopt;
  const double value = as_number(
      expr::evaluate(node_, [&](std::string_view name) { return value_of(data, row, name); }));
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<double> ClaimMetric::of_repeat(const StudyData& data,
                                             const store::TrialRecord& repeat) const {
  if (!is_ranked(repeat) || node_.op != expr::Op::name || node_.text != data.objective)
    return std::nullopt;
  return repeat.value;
}

}  // namespace vernier::reports
