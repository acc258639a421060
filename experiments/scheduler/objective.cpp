#include "experiments/scheduler/objective.h"

#include <cmath>
#include <numeric>

#include "core/text.h"

namespace vernier::experiments {

Objective::Objective(const std::vector<MetricSpec>& metrics) {
  for (const MetricSpec& metric : metrics) {
    Series series;
    series.metric = metric;
    if (metric.reduce.starts_with("mean_last_"))
      series.window = static_cast<std::size_t>(parse_int(metric.reduce.substr(10)).value_or(1));
    series_.push_back(std::move(series));
  }
}

void Objective::add(int step, const engine::Metrics& results) {
  for (Series& series : series_)
    for (const auto& [name, value] : results) {
      if (name != series.metric.name || !std::isfinite(value)) continue;
      series.last.push_back(value);
      if (series.last.size() > series.window) series.last.erase(series.last.begin());
      const bool better =
          !series.best || (series.metric.maximize ? value > *series.best : value < *series.best);
      if (!better) continue;
      series.best = value;
      series.best_step = step;
    }
}

std::optional<double> Objective::value(std::size_t k) const {
  const Series& series = series_[k];
  if (series.last.empty()) return std::nullopt;
  if (series.metric.reduce == "best") return series.best;
  return std::accumulate(series.last.begin(), series.last.end(), 0.0) /
         static_cast<double>(series.last.size());
}

std::optional<double> Objective::minimised() const {
  const auto found = value();
  if (!found) return std::nullopt;
  return flipped(*found, series_.front().metric.maximize);
}

std::vector<double> Objective::all() const {
  if (series_.size() < 2) return {};
  std::vector<double> values;
  for (std::size_t k = 0; k < series_.size(); ++k)
    values.push_back(value(k).value_or(std::nan("")));
  return values;
}

std::vector<double> Objective::all_minimised() const {
  std::vector<double> values = all();
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (std::isnan(values[k])) return {};
    values[k] = flipped(values[k], series_[k].metric.maximize);
  }
  return values;
}

std::optional<int> Objective::best_step() const {
  if (!series_.front().best) return std::nullopt;
  return series_.front().best_step;
}

}  // namespace vernier::experiments
