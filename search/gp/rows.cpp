#include "search/gp/rows.h"

#include <algorithm>
#include <limits>
#include <set>

#include "search/gp/output_transform.h"

namespace vernier::search::gp {
namespace {

constexpr std::size_t most_rows = 2000, best_rows = 500, latest_rows = 500;
constexpr std::size_t most_fitted = 256, best_fitted = 128;

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
    if (embedded_[i].point) all.push_back(i);
  if (all.size() <= most_rows) return all;
  std::vector<std::size_t> good;
  for (const std::size_t i : all)
    if (results.values[i]) good.push_back(i);
  std::stable_sort(good.begin(), good.end(), [&](std::size_t a, std::size_t b) {
    return *results.values[a] < *results.values[b];
  });
  std::set<std::size_t> chosen(
      good.begin(), good.begin() + static_cast<std::ptrdiff_t>(std::min(good.size(), best_rows)));
  chosen.insert(all.end() - latest_rows, all.end());
  return {chosen.begin(), chosen.end()};
}

void Rows::update(const History& history, const Results& results) {
  embed(history);
  trials_ = choose(results);
  const std::size_t n = trials_.size();
  x_.resize(static_cast<Eigen::Index>(n), embedding_->coordinates());
  y_ = Vector::Zero(static_cast<Eigen::Index>(n));
  known_.assign(n, 0);
  failed_.assign(n, 0);
  successes_ = 0;
  std::vector<std::optional<double>> values;
  for (std::size_t r = 0; r < n; ++r) {
    const std::size_t i = trials_[r];
    x_.row(static_cast<Eigen::Index>(r)) = embedded_[i].row;
    if (!results.known[i]) continue;
    known_[r] = 1;
    failed_[r] = !results.values[i];
    successes_ += !failed_[r];
    values.push_back(results.values[i]);
  }
  const std::vector<double> transformed = transform_outputs(values);
  std::size_t next = 0;
  for (std::size_t r = 0; r < n; ++r)
    if (known_[r]) y_[static_cast<Eigen::Index>(r)] = transformed[next++];
}

FitData Rows::fit_data() const {
  std::vector<Eigen::Index> rows;
  for (std::size_t r = 0; r < known_.size(); ++r)
    if (known_[r]) rows.push_back(static_cast<Eigen::Index>(r));
  if (rows.size() > most_fitted) {
    std::stable_sort(rows.begin(), rows.end(),
                     [&](Eigen::Index a, Eigen::Index b) { return y_[a] < y_[b]; });
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
  data.y = y_(rows);
  return data;
}

double Rows::best_mean(const Vector& row_means) const {
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t r = 0; r < known_.size(); ++r)
    if (!failed_[r]) best = std::min(best, row_means[static_cast<Eigen::Index>(r)]);
  return best;
}

std::vector<Point> Rows::incumbents(const Vector& row_means, std::size_t count) const {
  std::vector<Eigen::Index> order;
  for (std::size_t r = 0; r < known_.size(); ++r)
    if (known_[r] && !failed_[r]) order.push_back(static_cast<Eigen::Index>(r));
  std::stable_sort(order.begin(), order.end(),
                   [&](Eigen::Index a, Eigen::Index b) { return row_means[a] < row_means[b]; });
  std::vector<Point> out;
  for (std::size_t i = 0; i < order.size() && out.size() < count; ++i)
    out.push_back(*embedded_[trials_[static_cast<std::size_t>(order[i])]].point);
  return out;
}

}  // namespace vernier::search::gp
