// A plot's numbers as JSON: what the page draws and nothing it would have to compute. One file per plot, one line in plots.def.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "core/json.h"
#include "reports/analysis/ranges.h"
#include "reports/analysis/study_data.h"

namespace vernier::reports {

struct PlotInput {
  const StudyData& data;
  const std::vector<ParamRange>& ranges;
  double now = 0;  // Unix seconds: how far running trials are drawn
};

struct Plot {
  std::string name;  // its key in the payload
  Json (*numbers)(const PlotInput& input);
};

std::span<const Plot> plots();

}  // namespace vernier::reports
