// Learning curves of both arms: {"log", "lines": [{"label", "side", "metric", "setting", "n", "x", "mean", "half_width"}]}.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/stats.h"
#include "core/text.h"
#include "reports/analysis/ranking.h"
#include "reports/claim_plots/claim_plot.h"

namespace vernier::reports {

namespace {

/// One configuration of an arm but for what pairs it.
struct Setting {
  std::map<std::string, ClaimTrial> seeds;  // the last trial of each
  double cost = std::numeric_limits<double>::infinity();
};

class Curves {
 public:
  explicit Curves(const ClaimPlotInput& input) : input_(input), claim_(input.claim) {}

  /// The trials of the arm's best setting, one for each seed.
  std::vector<ClaimTrial> best(const ClaimArm& arm) const {
    std::map<std::string, Setting> settings;
    for (const ClaimTrial& trial : arm.trials) {
      if (!is_ranked(record(trial))) continue;
      Config rest;
      for (const auto& [name, value] : record(trial).config)
        if (name != claim_.arms && name != claim_.pair) rest.set(name, value);
      const std::string seed = setting_text(input_.studies, trial, claim_.pair);
      settings[rest.key()].seeds.insert_or_assign(
          seed.empty() ? std::to_string(input_.studies[trial.study].study.seed) : seed, trial);
    }
    const Setting* best = nullptr;
    for (auto& [key, setting] : settings) {
      std::vector<double> costs;
      for (const auto& [seed, trial] : setting.seeds)
        costs.push_back(input_.studies[trial.study].minimised(*record(trial).value));
      setting.cost = mean(costs);
      if (!best || setting.seeds.size() > best->seeds.size() ||
          (setting.seeds.size() == best->seeds.size() && setting.cost < best->cost))
        best = &setting;
    }
    std::vector<ClaimTrial> trials;
    if (best)
      for (const auto& [seed, trial] : best->seeds) trials.push_back(trial);
    return trials;
  }

  /// Of `trials`, step by step.
  SeedLine line(const std::vector<ClaimTrial>& trials, const std::string& metric,
                std::size_t most) const {
    std::map<int, std::vector<double>> at;
    for (const ClaimTrial& trial : trials) {
      const StudyData& data = input_.studies[trial.study];
      const auto k = data.metric(metric);
      if (!k) continue;
      const Curve& curve = data.curves[trial.row];
      for (std::size_t i = 0; i < curve.steps.size(); ++i)
        if (std::isfinite(curve.metrics[*k][i])) at[curve.steps[i]].push_back(curve.metrics[*k][i]);
    }
    std::erase_if(at, [&](const auto& step) { return step.second.size() < trials.size(); });
    SeedLine line;
    line.metric = metric;
    std::size_t i = 0, kept = 0;
    for (const auto& [step, values] : at) {
      // The first and the last stay.
      const bool wanted = at.size() <= most || i * (most - 1) >= kept * (at.size() - 1);
      ++i;
      if (!wanted) continue;
      ++kept;
      line.x.push_back(step);
      line.y.push_back(*seed_mean(values));
    }
    return line;
  }

  /// Those parameters of the best setting that the arm's trials differ in: "train.lr 0.1".
  std::string setting(const ClaimArm& arm, const ClaimTrial& chosen) const {
    std::vector<std::string> parts;
    for (const auto& [name, value] : record(chosen).config) {
      if (name == claim_.arms || name == claim_.pair) continue;
      const bool varied = std::any_of(arm.trials.begin(), arm.trials.end(), [&](const auto& trial) {
        const Value* other = record(trial).config.find(name);
        return !other || *other != value;
      });
      if (varied) parts.push_back(fmt::format("{} {}", name, vernier::to_text(value)));
    }
    return join(parts, ", ");
  }

 private:
  const store::TrialRecord& record(const ClaimTrial& trial) const {
    return input_.studies[trial.study].trials[trial.row];
  }

  const ClaimPlotInput& input_;
  const Claim& claim_;
};

}  // namespace

std::vector<SeedLine> claim_curves(const ClaimPlotInput& input, std::size_t most) {
  const Claim& claim = input.claim;
  const Curves curves(input);
  std::vector<SeedLine> lines;
  for (const bool better : {true, false}) {
    const ClaimArm& arm = better ? claim.better_arm : claim.than_arm;
    const auto trials = curves.best(arm);
    if (trials.empty()) continue;
    for (const std::string& metric : claim.plot.metrics) {
      SeedLine line = curves.line(trials, metric, most);
      if (line.x.empty()) continue;
      line.label = better ? claim.better : claim.than;
      line.side = better ? "better" : "than";
      line.setting = curves.setting(arm, trials.front());
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

Json curves_claim_plot(const ClaimPlotInput& input) {
  const auto lines = claim_curves(input, input.small ? 48 : 240);
  if (lines.empty()) return nullptr;
  double low = INFINITY, high = 0;
  Json json{{"log", false}, {"lines", Json::array()}};
  for (const SeedLine& line : lines) {
    Json out{{"label", line.label},
             {"side", line.side},
             {"metric", line.metric},
             {"setting", line.setting},
             {"n", line.y.front().n}};
    for (const char* key : {"x", "mean", "half_width"}) out[key] = Json::array();
    for (std::size_t i = 0; i < line.x.size(); ++i) {
      const SeedMean& y = line.y[i];
      low = std::min(low, y.mean);
      high = std::max(high, y.mean);
      out["x"].push_back(line.x[i]);
      out["mean"].push_back(drawn_number(y.mean));
      out["half_width"].push_back(y.half_width ? Json(drawn_number(*y.half_width)) : Json());
    }
    json["lines"].push_back(std::move(out));
  }
  json["log"] = low > 0 && high > 100 * low;
  return json;
}

}  // namespace vernier::reports
