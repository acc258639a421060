// Quantile bands per metric and the fit of the best trial: {"bands": {METRIC: {...}}, "fit": {...} or null}.
#include "reports/analysis/bands.h"
#include "reports/analysis/fit_hint.h"
#include "reports/analysis/ranking.h"
#include "reports/plots/plot.h"

namespace vernier::reports {

namespace {

Json fit_of_best(const StudyData& data) {
  const auto order = ranking(data);
  const auto hint = order.empty() ? std::nullopt : fit_hint(data, order.front());
  if (!hint) return nullptr;
  return {{"number", hint->number},       {"best_step", hint->best_step},
          {"last_step", hint->last_step}, {"best", hint->best},
          {"last", hint->last},           {"gap", hint->gap},
          {"overfits", hint->overfits},   {"still_falling", hint->still_falling},
          {"fit", to_text(hint->fit)}};
}

}  // namespace

Json learning_curves_plot(const PlotInput& input) {
  Json all = Json::object();
  for (const auto& metric : input.data.metrics) {
    const Bands bands = quantile_bands(input.data, metric);
    if (bands.steps.empty()) continue;
    all[metric] = {{"steps", bands.steps}, {"count", bands.count}, {"q10", bands.q10},
                   {"q25", bands.q25},     {"q50", bands.q50},     {"q75", bands.q75},
                   {"q90", bands.q90}};
  }
  return {{"bands", all}, {"fit", fit_of_best(input.data)}};
}

}  // namespace vernier::reports
