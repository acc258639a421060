// The comparison of studies as JSON: a table by arm, paired differences, curves over seeds, and what may be said.
#pragma once
#include <vector>

#include "core/json.h"
#include "reports/analysis/study_data.h"

namespace vernier::reports {

/// {"objective", "maximize", "differs": [names], "apart": [studies], "finding", "sure", "next": sentences, "command",
///  "arms": [{"label", "studies", "seeds", "values", "mean", "half_width", "curves": {"trial" | "steps" | "wall": {"x", "median", "low", "high", "n",
///  "coverage"}}}], "pairs": [{"first", "second", "n", "mean", "half_width", "p", "least_p", "verdict", "text"}]}.
/// Null with fewer than two comparable studies. A sentence says "better" only where the 95 % interval excludes 0.
Json comparison_json(const std::vector<StudyData>& studies, const std::string& db);

}  // namespace vernier::reports
