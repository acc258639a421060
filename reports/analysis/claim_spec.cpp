#include "reports/analysis/claim_spec.h"

#include <algorithm>
#include <cmath>

namespace vernier::reports {

namespace {

/// A scalar as text; empty for anything else.
std::string text_of(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  return json.is_structured() || json.is_null() ? "" : vernier::to_text(value_from_json(json));
}

std::string text_at(const Json& json, const char* key) {
  return json.contains(key) ? text_of(json[key]) : "";
}

std::optional<double> number_at(const Json& json, const char* key) {
  if (!json.contains(key) || !json[key].is_number()) return std::nullopt;
  const auto value = json[key].get<double>();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::vector<std::string> texts_of(const Json& json) {
  if (!json.is_array()) return {};
  std::vector<std::string> list;
  for (const Json& each : json) list.push_back(text_of(each));
  return list;
}

bool larger_is_better(const StudyData& data, const std::string& metric) {
  for (const auto& [name, maximize] : data.study.objectives)
    if (name == metric) return maximize;
  for (const char* word : {"acc", "auc", "f1", "r2", "precision", "recall", "score"})
    if (metric.find(word) != metric.npos) return true;
  return false;
}

ClaimPlot plot_of(const Json& json) {
  ClaimPlot plot;
  if (!json.is_object()) return plot;
  if (json.contains("line")) {
    plot.kind = ClaimPlot::Kind::line;
    plot.x = text_at(json, "line");
    plot.by = text_at(json, "by");
    plot.log = json.contains("log") && json["log"] == true;
    if (json.contains("metrics")) plot.metrics = texts_of(json["metrics"]);
  } else if (json.contains("curves")) {
    plot.kind = ClaimPlot::Kind::curves;
    plot.metrics = texts_of(json["curves"]);
  } else if (json.contains("pictures")) {
    plot.kind = ClaimPlot::Kind::pictures;
    plot.picture = text_at(json, "pictures");
  } else if (json.contains("heat_map")) {
    const auto axes = texts_of(json["heat_map"]);
    if (axes.size() != 2) return plot;
    plot.kind = ClaimPlot::Kind::heat_map;
    plot.x = axes[0];
    plot.y = axes[1];
  }
  return plot;
}

bool has_parameter(const StudyData& data, const std::string& name) {
  const auto& params = data.study.params;
  return std::any_of(params.begin(), params.end(), [&](const auto& p) { return p.name == name; });
}

std::optional<ClaimSpec> claim_of(const StudyData& data, const Json& json) {
  if (!json.is_object()) return std::nullopt;
  ClaimSpec claim;
  claim.text = text_at(json, "text");
  claim.arms = text_at(json, "arms");
  claim.better = text_at(json, "better");
  claim.than = text_at(json, "than");
  if (claim.arms.empty() || claim.better.empty() || claim.than.empty()) return std::nullopt;
  claim.metric = text_at(json, "metric");
  if (claim.metric.empty()) claim.metric = data.objective;
  const std::string goal = text_at(json, "goal");
  claim.maximize = goal.empty() ? larger_is_better(data, claim.metric) : goal == "maximize";
  const auto words = {"sampler", "strategy", "study", "device"};
  claim.over_studies = std::find(words.begin(), words.end(), claim.arms) != words.end() &&
                       !has_parameter(data, claim.arms);
  const bool pooled = claim.over_studies && claim.arms != "device";
  claim.pair = text_at(json, "pair");
  if (claim.pair.empty() && claim.arms != "train.seed" && has_parameter(data, "train.seed"))
    claim.pair = "train.seed";
  if (claim.pair.empty() && claim.over_studies) claim.pair = "seed";
  const std::string others = text_at(json, "others");
  claim.others = others == "best" || (others.empty() && pooled) ? Others::best
                 : others == "mean"                             ? Others::mean
                                                                : Others::each;
  claim.where = text_at(json, "where");
  if (json.contains("relative_to") && json["relative_to"].is_object())
    for (const auto& [name, value] : json["relative_to"].items())
      claim.relative_to.emplace_back(name, text_of(value));
  claim.margin = number_at(json, "margin").value_or(0);
  claim.within = number_at(json, "within");
  if (json.contains("plot")) claim.plot = plot_of(json["plot"]);
  return claim;
}

}  // namespace

std::vector<ClaimSpec> claims_of(const StudyData& data) {
  const Json& spec = data.study.spec;
  if (!spec.is_object() || !spec.contains("claim")) return {};
  const Json& json = spec["claim"];
  std::vector<ClaimSpec> claims;
  const auto add = [&](const Json& each) {
    if (auto claim = claim_of(data, each)) claims.push_back(std::move(*claim));
  };
  if (json.is_array()) {
    for (const Json& each : json) add(each);
  } else {
    add(json);
  }
  return claims;
}

}  // namespace vernier::reports
