// What a study claims, as its specification keeps it: plain data, nothing judged.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reports/analysis/study_data.h"

namespace vernier::reports {

/// What the page draws beside the verdict.
struct ClaimPlot {
  enum class Kind { strip, line, curves, heat_map, pictures };
  Kind kind = Kind::strip;
  std::string x;                     // line, heat_map: the parameter to the right
  std::string y;                     // heat_map: the parameter upwards
  std::string by;                    // line: a parameter, one line for each of its values; or empty
  std::vector<std::string> metrics;  // line: none means the claim's own; curves: at least one
  bool log = false;                  // line: of x
  std::string picture;               // pictures: map, histograms, filters, fit or confusion
  bool operator==(const ClaimPlot&) const = default;
};

/// What is made of the trials of one arm in one pair, which differ in other parameters.
enum class Others { each, best, mean };

struct ClaimSpec {
  std::string text;    // the sentence, as the study file says it; may be empty
  std::string arms;    // a parameter; or sampler, strategy, study, device: over studies
  std::string better;  // two of its values, as text
  std::string than;
  std::string metric;     // a name or an expression (claim_metric.h)
  bool maximize = false;  // of the metric
  std::string pair;       // a parameter; "seed": that of the study; empty: all other parameters
  Others others = Others::each;
  std::string where;                                             // an expression, or empty
  std::vector<std::pair<std::string, std::string>> relative_to;  // parameter, value as text
  double margin = 0;             // better by more than this; means nothing beside `within`
  std::optional<double> within;  // equal to within this
  ClaimPlot plot;

  /// arms is sampler, strategy, study or device, and no parameter of that name.
  bool over_studies = false;
  bool operator==(const ClaimSpec&) const = default;
};

/// `claim` of the study's specification, a mapping or a list of them. One without arms, better or than is left out, and so is a key
/// of another kind than expected. Without a goal: the objective's where the metric is one, else larger is better for names with acc, auc,
/// f1, r2, precision, recall or score.
std::vector<ClaimSpec> claims_of(const StudyData& data);

}  // namespace vernier::reports
