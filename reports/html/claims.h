// Claims as JSON, for the report's page and for the index.
#pragma once
#include <functional>
#include <vector>

#include "core/json.h"
#include "reports/claim_plots/claim_plot.h"

namespace vernier::reports {

struct ClaimsJsonOptions {
  bool small = false;                   // for the index
  std::size_t picture_bytes = 256'000;  // of one arm
  std::function<std::vector<store::Artifact>(const StudyData&, int number)> artifacts = nullptr;
};

/// judge_claims, each as web/src/data/claim.ts declares it: {"study", "index", "text", "arms", "better", "than", "metric", "maximize", "margin", "within", "n",
/// "mean", "half_width", "p", "verdict", "mark", "why", "pairs": [{"label", "difference"}], "plot"}. `index`: of the study's claims, from 1.
Json claims_json(const std::vector<StudyData>& studies, const ClaimsJsonOptions& options);

}  // namespace vernier::reports
