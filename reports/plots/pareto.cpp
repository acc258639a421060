// Objectives against each other, or the value against what a trial costs: {"axes": [{"name", "maximize", "objective", "value": one per trial,
// null where unknown}], "fronts": [{"x", "y": positions in axes, "front": rows}], "all": rows on the front of all objectives or null}.
#include "reports/analysis/pareto.h"

#include <algorithm>
#include <cmath>

#include "reports/plots/plot.h"

namespace vernier::reports {

namespace {

Json front_rows(const std::vector<const Tradeoff*>& axes, std::size_t trials) {
  std::vector<std::vector<double>> costs(trials);
  for (std::size_t i = 0; i < trials; ++i)
    for (const auto* axis : axes)
      costs[i].push_back(axis->maximize ? -axis->value[i] : axis->value[i]);
  const auto front = pareto_front(costs);
  Json rows = Json::array();
  for (std::size_t i = 0; i < trials; ++i)
    if (front[i]) rows.push_back(i);
  return rows;
}

}  // namespace

Json pareto_plot(const PlotInput& input) {
  const auto axes = tradeoffs(input.data);
  const std::size_t trials = input.data.trials.size();
  Json json{{"axes", Json::array()}, {"fronts", Json::array()}, {"all", nullptr}};
  std::vector<const Tradeoff*> objectives;
  for (const auto& axis : axes) {
    Json values = Json::array();
    for (const double v : axis.value) values.push_back(std::isnan(v) ? Json() : Json(v));
    // The value itself is a column of the payload already.
    const bool first = &axis == axes.data();
    json["axes"].push_back({{"name", axis.name},
                            {"maximize", axis.maximize},
                            {"objective", axis.objective},
                            {"value", first ? Json() : values}});
    if (axis.objective) objectives.push_back(&axis);
  }
  for (std::size_t a = 0; a < objectives.size(); ++a) {
    for (std::size_t b = a + 1; b < axes.size(); ++b) {
      json["fronts"].push_back(
          {{"x", b}, {"y", a}, {"front", front_rows({&axes[b], &axes[a]}, trials)}});
    }
  }
  if (objectives.size() > 2) json["all"] = front_rows(objectives, trials);
  return json;
}

}  // namespace vernier::reports
