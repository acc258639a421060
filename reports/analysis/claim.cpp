#include "reports/analysis/claim.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/stats.h"
#include "core/text.h"
#include "reports/analysis/ranking.h"

namespace vernier::reports {

namespace {

std::string text_at(const Json& json, const char* key) {
  if (!json.contains(key)) return "";
  const Json& value = json[key];
  if (value.is_string()) return value.get<std::string>();
  return value.is_structured() || value.is_null() ? "" : vernier::to_text(value_from_json(value));
}

bool larger_is_better(const StudyData& data, const std::string& metric) {
  for (const auto& [name, maximize] : data.study.objectives)
    if (name == metric) return maximize;
  for (const char* word : {"acc", "auc", "f1", "r2", "precision", "recall", "score"})
    if (metric.find(word) != metric.npos) return true;
  return false;
}

/// At the best step of a search trial; a repeat carries its objective only.
std::optional<double> metric_of(const StudyData& data, const store::TrialRecord& trial,
                                std::size_t row, const std::string& metric) {
  if (!is_ranked(trial)) return std::nullopt;
  if (metric == data.objective) return trial.value;
  const auto k = data.metric(metric);
  if (!k || trial.kind != "search") return std::nullopt;
  const Curve& curve = data.curves[row];
  for (std::size_t i = curve.steps.size(); i-- > 0;) {
    const double value = curve.metrics[*k][i];
    if ((!trial.best_step || curve.steps[i] == *trial.best_step) && std::isfinite(value))
      return value;
  }
  return std::nullopt;
}

/// Everything but the arm, and the seed of a repeat.
std::string pair_key(const store::TrialRecord& trial, const std::string& arms) {
  Config rest;
  for (const auto& [name, value] : trial.config)
    if (name != arms) rest.set(name, value);
  std::string key = rest.key();
  if (trial.kind != "search") key += fmt::format(" seed {}", trial.seed);
  return key;
}

std::string reason(const Claim& claim) {
  const Paired& p = claim.paired;
  if (p.n == 0) {
    return fmt::format("no two trials differ in {} alone ({} and {})", claim.arms, claim.better,
                       claim.than);
  }
  if (!p.half_width)
    return fmt::format("one pair only: the difference is {}", format_number(p.mean, 3));
  std::string text = fmt::format(
      "{} is {} by {} ± {} (95 %, {} pairs)", claim.better, p.mean >= 0 ? "better" : "worse",
      format_number(std::abs(p.mean), 3), format_number(*p.half_width, 2), p.n);
  if (p.p) text += fmt::format(", sign-flip p = {}", format_number(*p.p, 3));
  if (claim.verdict == ClaimVerdict::undecided) {
    text += *p.half_width > 0 ? ": the interval holds 0" : ": all pairs differ equally";
    const auto n = p.deviation ? pairs_to_decide(p.mean, *p.deviation) : std::nullopt;
    if (n && *p.half_width > 0) text += fmt::format("; about {} pairs would decide", *n);
  }
  return text;
}

}  // namespace

std::string to_text(ClaimVerdict verdict) {
  switch (verdict) {
    case ClaimVerdict::supported:
      return "supported";
    case ClaimVerdict::contradicted:
      return "contradicted";
    default:
      return "undecided";
  }
}

std::optional<Claim> judge_claim(const StudyData& data) {
  const Json& spec = data.study.spec;
  if (!spec.is_object() || !spec.contains("claim") || !spec["claim"].is_object())
    return std::nullopt;
  const Json& json = spec["claim"];
  Claim claim;
  claim.text = text_at(json, "text");
  claim.arms = text_at(json, "arms");
  claim.better = text_at(json, "better");
  claim.than = text_at(json, "than");
  claim.metric = text_at(json, "metric");
  if (claim.metric.empty()) claim.metric = data.objective;
  if (claim.arms.empty() || claim.better.empty() || claim.than.empty()) return std::nullopt;
  claim.maximize = larger_is_better(data, claim.metric);

  std::map<std::string, std::vector<double>> better, than;
  const auto take = [&](const store::TrialRecord& trial, std::size_t row) {
    const Value* arm = trial.config.find(claim.arms);
    const auto value = metric_of(data, trial, row, claim.metric);
    if (!arm || !value) return;
    const std::string name = vernier::to_text(*arm);
    if (name == claim.better) better[pair_key(trial, claim.arms)].push_back(*value);
    if (name == claim.than) than[pair_key(trial, claim.arms)].push_back(*value);
  };
  for (std::size_t i = 0; i < data.trials.size(); ++i) take(data.trials[i], i);
  for (const auto& repeat : data.repeats) take(repeat, 0);

  std::vector<double> differences;
  for (const auto& [key, values] : better) {
    const auto other = than.find(key);
    if (other == than.end()) continue;
    const double d = mean(values) - mean(other->second);
    differences.push_back(claim.maximize ? d : -d);
  }
  claim.paired = paired(differences);
  const Verdict verdict = claim.paired.verdict();
  claim.verdict = verdict == Verdict::better  ? ClaimVerdict::supported
                  : verdict == Verdict::worse ? ClaimVerdict::contradicted
                                              : ClaimVerdict::undecided;
  claim.why = reason(claim);
  return claim;
}

}  // namespace vernier::reports
