#include "reports/html/comparison.h"

#include <fmt/format.h>

#include <cmath>

#include "core/text.h"
#include "reports/analysis/arms.h"
#include "reports/analysis/ranking.h"
#include "reports/html/answer.h"
#include "reports/html/wording.h"

namespace vernier::reports {

namespace {

Json maybe(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

std::string seeds_text(int n) { return fmt::format("{} seed{}", n, n == 1 ? "" : "s"); }

Json curve_json(const Arm& arm, Effort by) {
  const Envelope all = best_over_seeds(arm.studies, by);
  return {{"x", all.x},       {"median", all.median}, {"low", all.low},
          {"high", all.high}, {"n", all.n},           {"coverage", all.coverage}};
}

Json arm_json(const Arm& arm) {
  Json json{{"label", arm.label}};
  json["studies"] = Json::array();
  for (const auto* study : arm.studies) json["studies"].push_back(study->study.name);
  json["seeds"] = Json::array();
  json["values"] = Json::array();
  double sum = 0;
  for (const auto& [seed, value] : arm.value) {
    json["seeds"].push_back(std::to_string(seed));
    json["values"].push_back(value);
    sum += value;
  }
  json["mean"] = arm.value.empty() ? Json() : Json(sum / static_cast<double>(arm.value.size()));
  json["half_width"] = arm.interval ? Json(arm.interval->half_width) : Json();
  json["curves"] = {{"trial", curve_json(arm, Effort::trials)},
                    {"steps", curve_json(arm, Effort::steps)},
                    {"wall", curve_json(arm, Effort::wall)}};
  return json;
}

/// "gp is better than random by 0.012 ± 0.004"; never "better" without an interval that excludes 0.
std::string pair_text(const Comparison& all, const ArmPair& pair) {
  const std::string &a = all.arms[pair.first].label, &b = all.arms[pair.second].label;
  const Paired& p = pair.paired;
  if (p.n == 0) return fmt::format("{} and {} share no seed: not comparable", a, b);
  if (!p.half_width) {
    return fmt::format("{} against {}: {} on the one common seed, which proves nothing", a, b,
                       format_number(p.mean, 3));
  }
  const std::string by = plus_minus(std::abs(p.mean), *p.half_width);
  switch (p.verdict()) {
    case Verdict::better:
      return fmt::format("{} is better than {} by {}", a, b, by);
    case Verdict::worse:
      return fmt::format("{} is better than {} by {}", b, a, by);
    default:
      return fmt::format("{} and {} are not told apart: {} differs by {}", a, b, a,
                         plus_minus(p.mean, *p.half_width));
  }
}

Json pair_json(const Comparison& all, const ArmPair& pair) {
  const Paired& p = pair.paired;
  const Verdict verdict = p.verdict();
  return {{"first", pair.first},
          {"second", pair.second},
          {"n", p.n},
          {"mean", p.mean},
          {"half_width", maybe(p.half_width)},
          {"p", maybe(p.p)},
          {"least_p", least_sign_flip_p(p.n)},
          {"verdict", verdict == Verdict::better  ? "better"
                      : verdict == Verdict::worse ? "worse"
                                                  : "undecided"},
          {"text", pair_text(all, pair)}};
}

struct Sentences {
  std::string finding, sure, next, command;
};

std::string names(const Comparison& all, const std::vector<std::size_t>& arms) {
  std::vector<std::string> labels;
  for (const auto i : arms) labels.push_back(all.arms[i].label);
  if (labels.size() < 2) return join(labels, "");
  const std::string last = labels.back();
  labels.pop_back();
  return join(labels, ", ") + " and " + last;
}

/// The arm's study with the best value: its settings are worth running again.
const StudyData& best_study(const Comparison& all, const Arm& arm) {
  const StudyData* best = nullptr;
  double most = 0;
  for (const StudyData* study : arm.studies) {
    const auto order = ranking(*study);
    if (order.empty()) continue;
    const double value = *study->trials[order.front()].value * (all.maximize ? 1 : -1);
    if (best && value <= most) continue;
    best = study;
    most = value;
  }
  return best ? *best : *arm.studies.front();
}

/// Of the pairs in which the arm with the best mean stands: whom it beats, who stays open.
Sentences sentences(const Comparison& all, const std::string& db) {
  Sentences said;
  if (all.arms.empty() || all.arms.front().value.empty()) {
    said.finding = "No study has a value yet";
    said.next = "The first completed trials appear here.";
    return said;
  }
  const Arm& best = all.arms.front();
  std::vector<std::size_t> beaten, open;
  int fewest = 1 << 30, wanted = 0;
  double largest_p = 0;
  for (const ArmPair& pair : all.pairs) {
    if (pair.first != 0) continue;
    fewest = std::min(fewest, pair.paired.n);
    if (pair.paired.p) largest_p = std::max(largest_p, *pair.paired.p);
    if (pair.paired.verdict() == Verdict::better) {
      beaten.push_back(pair.second);
      continue;
    }
    open.push_back(pair.second);
    const auto need = pair.paired.deviation && *pair.paired.deviation > 0
                          ? pairs_to_decide(pair.paired.mean, *pair.paired.deviation, 200)
                          : std::nullopt;
    if (need) wanted = std::max(wanted, *need);
  }
  const std::string objective = all.objective.empty() ? "value" : all.objective;
  const std::string mean = best.interval
                               ? plus_minus(best.interval->mean, best.interval->half_width)
                               : format_number(best.value.begin()->second, 4);
  const std::string over = seeds_text(static_cast<int>(best.value.size()));
  if (all.arms.size() == 1) {
    said.finding = fmt::format("{}: {} {} over {}", best.label, objective, mean, over);
  } else if (open.empty()) {
    said.finding = fmt::format("{} is better than {}", best.label, names(all, beaten));
  } else if (beaten.empty()) {
    said.finding = fmt::format("{} has the best mean, but is not told apart from {}", best.label,
                               names(all, open));
  } else {
    said.finding = fmt::format("{} is better than {}, but not told apart from {}", best.label,
                               names(all, beaten), names(all, open));
  }
  std::vector<std::string> sure{fmt::format("{} reached {} {} over {} (mean, 95 % interval).",
                                            best.label, objective, mean, over)};
  for (const ArmPair& pair : all.pairs)
    if (pair.first == 0) sure.push_back(pair_text(all, pair) + ".");
  if (all.arms.size() > 1 && fewest < 6) {
    sure.push_back(fmt::format(
        "{} {} too few for the sign-flip test to reach 0.05 (6 are the fewest); the intervals "
        "assume that differences are about normal.",
        fewest == 1 ? "One common seed" : fmt::format("{} common seeds", fewest),
        fewest == 1 ? "is" : "are"));
  } else if (all.arms.size() > 1) {
    sure.push_back(fmt::format("Sign-flip p is at most {}.", format_number(largest_p, 3)));
  }
  said.sure = join(sure, " ");
  const std::string& study = best_study(all, best).study.name;
  if (all.arms.size() == 1) {
    said.next =
        "Studies that differ in their sampler, strategy or a setting stand against each other "
        "here.";
  } else if (fewest < 2) {
    said.next =
        "Run each arm again with the same few seeds (--seed 2 --as NAME): differences are "
        "judged on common seeds.";
  } else if (!open.empty() && wanted > 0) {
    said.next = fmt::format(
        "If the difference stays as it is, about {} common seeds would decide; now there are {}.",
        wanted, fewest);
  } else if (!open.empty()) {
    said.next = fmt::format(
        "No difference shows that a few more seeds could prove: take the cheapest of {} and {}.",
        best.label, names(all, open));
  } else if (fewest < 6) {
    said.next = fmt::format(
        "Use {}; six common seeds would let the test without assumptions agree.", best.label);
  } else {
    said.next = fmt::format("Use {}.", best.label);
  }
  const std::string where = database_option(db);
  said.command = fmt::format("vernier best {} --yaml{}", shell_word(study), where);
  return said;
}

}  // namespace

Json comparison_json(const std::vector<StudyData>& studies, const std::string& db) {
  const auto all = compare(studies);
  if (!all) return nullptr;
  const Sentences said = sentences(*all, db);
  Json json{{"objective", all->objective}, {"maximize", all->maximize}, {"differs", all->differs},
            {"apart", all->apart},         {"finding", said.finding},   {"sure", said.sure},
            {"next", said.next},           {"command", said.command}};
  json["arms"] = Json::array();
  for (const Arm& arm : all->arms) json["arms"].push_back(arm_json(arm));
  json["pairs"] = Json::array();
  for (const ArmPair& pair : all->pairs) json["pairs"].push_back(pair_json(*all, pair));
  return json;
}

}  // namespace vernier::reports
