// What the plots of a claim share: its trials, settings as axes, and means over seeds.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reports/analysis/claim.h"
#include "reports/analysis/claim_metric.h"

namespace vernier::reports {

/// A mean over what pairs the claim's arms (as a rule seeds), with its two-sided 95 % Student-t interval; n >= 1, the half width from 2 on.
struct SeedMean {
  double mean = 0;
  std::optional<double> half_width;
  int n = 0;
};
/// Of finite values; nullopt without any.
std::optional<SeedMean> seed_mean(const std::vector<double>& values);

/// The value that a plot draws of a trial; nullopt where it has none.
using ValueOf = std::function<std::optional<double>(const ClaimTrial&)>;

/// Of `trials`: within a seed what ClaimSpec::others says (the value of the trial with the best objective, or the mean; `each`: the mean),
/// then over the seeds. Without a parameter that pairs, every trial counts for itself.
std::optional<SeedMean> over_seeds(const Claim& claim, const std::vector<StudyData>& studies,
                                   const std::vector<ClaimTrial>& trials, const ValueOf& value);

/// The studies that the claim looks at.
std::vector<const StudyData*> studies_of(const Claim& claim, const std::vector<StudyData>& studies);

/// Ended trials for which `where` holds. Its conditions on the parameters `drawn` are left out, since they would leave nothing to draw:
/// of `model.depth = 10 and data.noise = 0` a plot over model.depth keeps the second. Only conditions joined by `and` can be taken apart.
std::vector<ClaimTrial> drawn_trials(const Claim& claim, const std::vector<StudyData>& studies,
                                     const std::vector<std::string>& drawn);

/// A setting of the trials as text; empty where it is missing.
std::string setting_text(const std::vector<StudyData>& studies, const ClaimTrial& trial,
                         const std::string& name);

/// One axis of a plot: the different values of a setting, and which of them each trial has.
struct SettingAxis {
  std::string name;
  bool numeric = false;  // then `at` are numbers, else positions 0, 1, ...
  bool log = false;      // the parameter's scale, or from 30 times its smallest value on
  std::vector<double> at;
  std::vector<std::string> labels;
  std::vector<int> cell;  // per trial, -1: it has no value
};
/// Numbers in order, everything else as the parameter lists it. Numbers of more than `most` different values fall into `most` cells of equal
/// width (in logarithms where `log`), each at its middle.
SettingAxis setting_axis(const std::vector<StudyData>& studies,
                         const std::vector<ClaimTrial>& trials, const std::string& name, int most);

/// Which of the claim's arms a value of its arms is: "better", "than" or "".
std::string side_of(const Claim& claim, const std::string& value);

/// To 5 significant digits: what a plot shows, in few bytes.
double drawn_number(double value);

}  // namespace vernier::reports
