#include "search/gp/rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include "search/gp/output_transform.h"
#include "search/pareto.h"

namespace vernier::search::gp {
namespace {

constexpr std::size_t most_rows = 2000, best_rows = 500, latest_rows = 500;
constexpr std::size_t most_fitted = 256, best_fitted = 128;

std::vector<double> given(const std::vector<std::optional<double>>& values) {
  std::vector<double> out;
  for (const auto& value : values) out.push_back(*value);
  return out;
}

}  // namespace

void Rows::embed(const History& history) {
  embedded_.resize(std::min(embedded_.size(), history.trials.size()));
  for (std::size_t i = 0; i < history.trials.size(); ++i) {
    const Config& config = history.trials[i].config;
    if (i < embedded_.size() && embedded_[i].config == config) continue;
    Embedded entry{config, embedding_->point(config), {}};
    if (entry.point) entry.row = embedding_->embed(*entry.point);
    if (i < embedded_.size())
      embedded_[i] = std::move(entry);
    else
      embedded_.push_back(std::move(entry));
  }
}

std::vector<std::size_t> Rows::choose(const Results& results) const {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < embedded_.size(); ++i)
    if (embedded_[i].point && !results.absent[i]) all.push_back(i);
  if (all.size() <= most_rows) return all;
  std::vector<std::size_t> good;
  for (const std::size_t i : all)
    if (!results.values[i].empty()) good.push_back(i);
  if (!good.empty() && results.values[good.front()].size() > 1) {
    std::vector<std::vector<double>> values;
    for (const std::size_t i : good) values.push_back(results.values[i]);
    std::vector<std::size_t> best;
    for (const std::size_t i : survivors(values, best_rows)) best.push_back(good[i]);
    good = std::move(best);
  } else {
    std::stable_sort(good.begin(), good.end(), [&](std::size_t a, std::size_t b) {
      return results.values[a][0] < results.values[b][0];
    });
  }
  std::set<std::size_t> chosen(
      good.begin(), good.begin() + static_cast<std::ptrdiff_t>(std::min(good.size(), best_rows)));
  chosen.insert(all.end() - latest_rows, all.end());
  return {chosen.begin(), chosen.end()};
}

void Rows::update(const History& history, const Results& results, int objectives) {
  embed(history);
  trials_ = choose(results);
  const std::size_t n = trials_.size();
  x_.resize(static_cast<Eigen::Index>(n), embedding_->coordinates());
  known_.assign(n, 0);
  failed_.assign(n, 0);
  barred_.assign(n, 0);
  successes_ = 0;
  for (std::size_t r = 0; r < n; ++r) {
    const std::size_t i = trials_[r];
    x_.row(static_cast<Eigen::Index>(r)) = embedded_[i].row;
    known_[r] = results.known[i];
    failed_[r] = known_[r] && results.values[i].empty();
    barred_[r] = failed_[r] || results.barred[i];
    successes_ += known_[r] && !failed_[r];
  }
  transform(results, objectives);
}

void Rows::transform(const Results& results, int objectives) {
  y_ = Matrix::Zero(x_.rows(), objectives);
  std::vector<std::vector<double>> good;
  for (std::size_t r = 0; r < known_.size(); ++r)
    if (known_[r] && !failed_[r]) good.push_back(results.values[trials_[r]]);
  const std::vector<int> level = objectives > 1 ? fronts(good) : std::vector<int>();
  for (int k = 0; k < objectives; ++k) {
    const auto objective = static_cast<std::size_t>(k);
    std::vector<std::optional<double>> values;
    for (std::size_t r = 0; r < known_.size(); ++r) {
      if (!known_[r]) continue;
      values.emplace_back();
      if (!failed_[r]) values.back() = results.values[trials_[r]][objective];
    }
    // The front's ends; at least to the mean of all, as a front may be a single point.
    double low = HUGE_VAL, high = 0;
    for (const auto& value : good) high += value[objective] / static_cast<double>(good.size());
    for (std::size_t i = 0; i < level.size(); ++i) {
      if (level[i] > 0) continue;
      low = std::min(low, good[i][objective]);
      high = std::max(high, good[i][objective]);
    }
    double factor = 0;
    const std::vector<double> transformed = results.as_they_are ? given(values)
                                            : objectives > 1
                                                ? transform_objective(values, low, high)
                                                : transform_outputs(values, &factor);
    if (objectives == 1) doubts(results, factor);
    std::size_t next = 0;
    for (std::size_t r = 0; r < known_.size(); ++r)
      if (known_[r]) y_(static_cast<Eigen::Index>(r), k) = transformed[next++];
  }
}

void Rows::doubts(const Results& results, double factor) {
  const auto n = static_cast<Eigen::Index>(trials_.size());
  doubt_ = Vector::Zero(n);
  for (Eigen::Index r = 0; r < n; ++r)
    doubt_[r] = results.doubt[trials_[static_cast<std::size_t>(r)]] * factor * factor;
  if (!(doubt_.array() > 0).any()) doubt_.resize(0);
}

FitData Rows::fit_data(int objective) const {
  const auto y = y_.col(objective);
  std::vector<Eigen::Index> rows;
  for (std::size_t r = 0; r < known_.size(); ++r)
    if (known_[r]) rows.push_back(static_cast<Eigen::Index>(r));
  if (rows.size() > most_fitted) {
    std::stable_sort(rows.begin(), rows.end(),
                     [&](Eigen::Index a, Eigen::Index b) { return y[a] < y[b]; });
    std::vector<Eigen::Index> kept(rows.begin(), rows.begin() + best_fitted);
    const std::size_t rest = rows.size() - best_fitted, wanted = most_fitted - best_fitted;
    for (std::size_t i = 0; i < wanted; ++i) kept.push_back(rows[best_fitted + i * rest / wanted]);
    std::sort(kept.begin(), kept.end());
    rows = std::move(kept);
  }
  FitData data;
  data.owner = embedding_->owner();
  data.dimensions = embedding_->dimensions();
  data.x = x_(rows, Eigen::all);
  data.y = y(rows);
  if (doubt_.size() > 0) data.doubt = doubt_(rows);
  return data;
}

Eigen::Index Rows::unknown() const {
  return static_cast<Eigen::Index>(std::count(known_.begin(), known_.end(), char{0}));
}

Vector Rows::best_means(const Matrix& row_means) const {
  Vector best = Vector::Constant(row_means.cols(), std::numeric_limits<double>::infinity());
  for (std::size_t r = 0; r < known_.size(); ++r)
    if (!barred_[r]) best = best.cwiseMin(row_means.row(static_cast<Eigen::Index>(r)).transpose());
  return best;
}

std::vector<Eigen::Index> Rows::front(const Matrix& row_means, std::size_t count) const {
  std::vector<Eigen::Index> rows;
  std::vector<std::vector<double>> values;
  for (std::size_t r = 0; r < known_.size(); ++r) {
    if (barred_[r]) continue;
    rows.push_back(static_cast<Eigen::Index>(r));
    values.emplace_back();
    for (Eigen::Index k = 0; k < row_means.cols(); ++k)
      values.back().push_back(row_means(rows.back(), k));
  }
  const std::vector<int> level = fronts(values);
  const auto size = static_cast<std::size_t>(std::count(level.begin(), level.end(), 0));
  std::vector<Eigen::Index> out;
  for (const std::size_t i : survivors(values, std::min(count, size))) out.push_back(rows[i]);
  return out;
}

std::vector<Point> Rows::incumbents(const Vector& row_means, std::size_t count) const {
  std::vector<Eigen::Index> order, rest;
  for (std::size_t r = 0; r < known_.size(); ++r)
    if (known_[r] && !barred_[r]) order.push_back(static_cast<Eigen::Index>(r));
  for (std::size_t r = 0; order.empty() && r < known_.size(); ++r)
    if (known_[r] && !failed_[r]) rest.push_back(static_cast<Eigen::Index>(r));
  if (order.empty()) order = std::move(rest);
  std::stable_sort(order.begin(), order.end(),
                   [&](Eigen::Index a, Eigen::Index b) { return row_means[a] < row_means[b]; });
  std::vector<Point> out;
  for (std::size_t i = 0; i < order.size() && out.size() < count; ++i)
    out.push_back(point(order[i]));
  return out;
}

}  // namespace vernier::search::gp
