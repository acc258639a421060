// A metric against a parameter: {"by", "x", "y", "log", "labels" (null for numbers), "lines": [{"label", "side", "metric", "x", "mean", "half_width", "n"}]}.
#include "core/text.h"
#include "reports/claim_plots/claim_plot.h"

namespace vernier::reports {

namespace {

constexpr int kMostPlaces = 24, kMostLines = 16;

struct Group {
  std::string label, side;
  std::vector<bool> holds;  // per trial
};

/// A line for each value of `by`, else for each of the claim's arms, else one.
std::vector<Group> groups(const ClaimPlotInput& input, const std::vector<ClaimTrial>& trials) {
  const Claim& claim = input.claim;
  const auto& studies = input.studies;
  if (claim.plot.by.empty() && claim.plot.x == claim.arms)
    return {{"", "", std::vector<bool>(trials.size(), true)}};
  std::vector<Group> all;
  if (claim.plot.by.empty()) {
    for (const std::string& arm : {claim.better, claim.than}) {
      all.push_back({arm, side_of(claim, arm), {}});
      for (const ClaimTrial& trial : trials)
        all.back().holds.push_back(setting_text(studies, trial, claim.arms) == arm);
    }
    return all;
  }
  const SettingAxis axis = setting_axis(studies, trials, claim.plot.by, kMostLines);
  for (std::size_t k = 0; k < axis.at.size(); ++k) {
    Group group{axis.labels[k], "", {}};
    if (claim.plot.by == claim.arms) group.side = side_of(claim, group.label);
    for (const int cell : axis.cell) group.holds.push_back(cell == static_cast<int>(k));
    all.push_back(std::move(group));
  }
  return all;
}

}  // namespace

ClaimLines claim_lines(const ClaimPlotInput& input) {
  const Claim& claim = input.claim;
  const ClaimPlot& plot = claim.plot;
  const auto trials = drawn_trials(claim, input.studies, {plot.x, plot.by});
  ClaimLines result{setting_axis(input.studies, trials, plot.x, kMostPlaces), false, {}};
  const auto& at = result.x.at;
  result.log = result.x.log || (plot.log && result.x.numeric && !at.empty() && at.front() > 0);
  const auto metrics = plot.metrics.empty() ? std::vector<std::string>{claim.metric} : plot.metrics;
  for (const Group& group : groups(input, trials)) {
    for (const std::string& text : metrics) {
      const ClaimMetric metric(studies_of(claim, input.studies), text);
      SeedLine line{group.label, group.side, text, "", {}, {}};
      for (std::size_t k = 0; k < at.size(); ++k) {
        std::vector<ClaimTrial> here;
        for (std::size_t i = 0; i < trials.size(); ++i)
          if (group.holds[i] && result.x.cell[i] == static_cast<int>(k)) here.push_back(trials[i]);
        const auto value = over_seeds(claim, input.studies, here, [&](const ClaimTrial& trial) {
          return metric.of(input.studies[trial.study], trial.row);
        });
        if (!value) continue;
        line.x.push_back(at[k]);
        line.y.push_back(*value);
      }
      if (!line.x.empty()) result.lines.push_back(std::move(line));
    }
  }
  return result;
}

Json line_claim_plot(const ClaimPlotInput& input) {
  const ClaimLines all = claim_lines(input);
  if (all.lines.empty()) return nullptr;
  const ClaimPlot& plot = input.claim.plot;
  Json json{{"by", plot.by.empty() ? input.claim.arms : plot.by},
            {"x", plot.x},
            {"y", plot.metrics.empty() ? input.claim.metric : join(plot.metrics, ", ")},
            {"log", all.log},
            {"labels", all.x.numeric ? Json() : Json(all.x.labels)},
            {"lines", Json::array()}};
  for (const SeedLine& line : all.lines) {
    Json out{{"label", line.label}, {"side", line.side}, {"metric", line.metric}};
    for (const char* key : {"x", "mean", "half_width", "n"}) out[key] = Json::array();
    for (std::size_t i = 0; i < line.x.size(); ++i) {
      const SeedMean& y = line.y[i];
      out["x"].push_back(drawn_number(line.x[i]));
      out["mean"].push_back(drawn_number(y.mean));
      out["half_width"].push_back(y.half_width ? Json(drawn_number(*y.half_width)) : Json());
      out["n"].push_back(y.n);
    }
    json["lines"].push_back(std::move(out));
  }
  return json;
}

}  // namespace vernier::reports
