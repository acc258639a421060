// Parameters as ranges: what a study allowed, where its best trials lie, and bins for heat maps.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "reports/analysis/study_data.h"

namespace vernier::reports {

/// A parameter of the space, read from its record. A record that lacks or garbles a field falls back to the values seen.
struct ParamRange {
  std::string name;
  std::string type;            // float, int, categorical, ordinal, bool, constant
  bool numeric = false;        // float, int, ordinal with numbers only
  bool log = false;            // drawn on a log axis
  double low = 0, high = 1;    // numeric: the range searched
  std::vector<Value> choices;  // not numeric, or ordinal: in order
  std::string when;            // condition, as written; empty: always active
};

std::vector<ParamRange> param_ranges(const StudyData& data);

/// The best tenth of the trials lie here in one parameter: from the smallest to the largest value (numeric),
/// or the choices they use.
struct BestRegion {
  std::string name;
  int trials = 0;  // of the best tenth, with this parameter active
  double low = 0, high = 0;
  std::vector<Value> choices;
  double covered =
      1;  // share of the searched range (log where that is its scale), or of the choices
};
std::vector<BestRegion> best_regions(const StudyData& data, const std::vector<ParamRange>& ranges);

/// Cells of one axis of a heat map. Numeric parameters with more than `most` different values in their range get equal
/// cells (in log where that is the scale): edges.size() = cells + 1. Others: one cell a value, edges empty.
struct Bins {
  std::vector<double> edges;
  std::vector<Value> values;
  std::vector<int> cell;  // per trial; -1: inactive
};
Bins bins(const StudyData& data, const ParamRange& range, int most = 8);

}  // namespace vernier::reports
