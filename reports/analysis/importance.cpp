#include "reports/analysis/importance.h"

#include <algorithm>

#include "reports/analysis/ranking.h"
#include "search/importance/importance.h"

namespace vernier::reports {

std::vector<ParamImportance> param_importance(const StudyData& data) {
  std::vector<Config> configs;
  std::vector<double> values;
  for (const auto& trial : data.trials) {
    if (!is_ranked(trial)) continue;
    configs.push_back(trial.config);
    values.push_back(*trial.value);
  }
  std::vector<ParamImportance> rows;
  if (values.size() < 3) return rows;
  for (const auto& row : search::importance(configs, values)) {
    const auto param = std::find_if(data.study.params.begin(), data.study.params.end(),
                                    [&](const auto& p) { return p.name == row.name; });
    if (param != data.study.params.end() && param->type == "constant") continue;
    rows.push_back({row.name, row.share, data.maximize ? row.sign : -row.sign});
  }
  return rows;
}

}  // namespace vernier::reports
