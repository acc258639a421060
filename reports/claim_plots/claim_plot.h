// The plot of a claim: its numbers as structs, and as the JSON that the page draws. One file per kind, one line in claim_plots.def.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "reports/claim_plots/seed_mean.h"

namespace vernier::reports {

struct ClaimPlotInput {
  const Claim& claim;
  const std::vector<StudyData>& studies;  // what judge_claims was given
  bool small = false;                     // of the index: fewer points of a curve, fewer filters
  std::size_t picture_bytes = 256'000;    // of one arm; what is beyond is left out
  /// All that a trial left. Empty: the page fetches pictures itself.
  std::function<std::vector<store::Artifact>(const StudyData&, int number)> artifacts = nullptr;
};

/// {"kind", ...} as web/src/data/claim.ts declares it; null for the strip, whose numbers every claim has, and where there is nothing to draw.
Json claim_plot(const ClaimPlotInput& input);

struct ClaimPlotKind {
  ClaimPlot::Kind kind;
  std::string name;
  Json (*numbers)(const ClaimPlotInput& input);
};
const std::vector<ClaimPlotKind>& claim_plot_kinds();

/// A line of means; points in order of x.
struct SeedLine {
  std::string label;    // the arm or the value of `by`; empty: there is one only
  std::string side;     // side_of
  std::string metric;   // as the study file says it
  std::string setting;  // curves: what the arm's best setting is, "train.lr 0.1"
  std::vector<double> x;
  std::vector<SeedMean> y;
};

/// A metric against a parameter: a line for each value of `by` (without it: for each of the two arms, unless they are what x shows)
/// and each metric.
struct ClaimLines {
  SettingAxis x;
  bool log = false;  // where the study file asks for it, or the axis is one
  std::vector<SeedLine> lines;
};
ClaimLines claim_lines(const ClaimPlotInput& input);

/// Learning curves of both arms, each at its best setting: of those that most seeds have tried, that with the best mean objective. At the
/// steps where all of its seeds measured the metric; from `most` on, as many of them, evenly.
std::vector<SeedLine> claim_curves(const ClaimPlotInput& input, std::size_t most);

/// The mean of the metric on a grid of two parameters, for each arm, unless an arm is what an axis shows. A metric that is made of parameters alone
/// says nothing on a grid of them: then it is the objective.
struct ClaimMap {
  std::string label, side;
  struct Cell {
    int x = 0, y = 0;  // positions on the axes
    SeedMean value;
    double rank = 0;  // among the cells: 0 the best, 1 the worst, ties share their mean
  };
  std::vector<Cell> cells;
  std::vector<int> ridge;  // per y: x of the best cell; -1 without any
};
struct ClaimMaps {
  SettingAxis x, y;
  std::string metric;
  bool maximize = false;
  std::vector<ClaimMap> maps;
};
ClaimMaps claim_maps(const ClaimPlotInput& input);

/// The last artifacts of the kind that the claim wants; histograms of one step together.
std::vector<store::Artifact> last_pictures(const std::vector<store::Artifact>& all,
                                           const std::string& picture);

}  // namespace vernier::reports
