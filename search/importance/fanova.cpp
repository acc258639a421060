#include "search/importance/fanova.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "core/stats.h"
#include "search/importance/forest.h"
#include "search/sobol_sequence.h"
#include "search/tpe/parzen.h"

namespace vernier::search {
namespace {

constexpr std::size_t fewest = 8;
constexpr int grid = 64, draws = 4096;
constexpr std::size_t all_pairs = 30, chosen_pairs = 8;

struct Sample {
  std::vector<std::vector<double>> unit;  // inactive ones: NaN
  std::vector<double> values;
};

Sample sample_of(const Space& space, std::span<const Config> configs,
                 std::span<const double> values) {
  if (configs.size() != values.size())
    fail<UsageError>("[importance] {} configurations and {} values; expected one each",
                     configs.size(), values.size());
  Sample sample;
  for (std::size_t i = 0; i < configs.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    try {
      sample.unit.push_back(space.to_unit(space.canonical(configs[i])));
      sample.values.push_back(values[i]);
    } catch (const UsageError&) {  // from before the space changed
    }
  }
  return sample;
}

int categories_of(const Space& space, std::size_t j) {
  const Kind kind = space.parameters()[j].kind;
  const bool category = kind == Kind::categorical || kind == Kind::bool_ || kind == Kind::constant;
  return category ? static_cast<int>(space.axis(j).count()) : 0;
}

/// Choices at the centres of equal cells, whatever their probabilities.
double coordinate(const Space& space, std::size_t j, double unit) {
  const int c = categories_of(space, j);
  if (c == 0) return unit;
  const auto index = *space.axis(j).index(space.axis(j).at(unit));
  return (static_cast<double>(index) + 0.5) / c;
}

std::vector<double> cells(int categories) {
  const int n = categories > 0 ? categories : grid;
  std::vector<double> at;
  for (int i = 0; i < n; ++i) at.push_back((i + 0.5) / n);
  return at;
}

double population_variance(const std::vector<double>& x) {
  const double middle = mean(x);
  double sum = 0;
  for (const double v : x) sum += (v - middle) * (v - middle);
  return sum / static_cast<double>(x.size());
}

std::vector<std::size_t> best_first(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  return order;
}

}  // namespace

Fanova fanova(const Space& space, std::span<const Config> configs, std::span<const double> values,
              std::uint64_t seed) {
  const Sample sample = sample_of(space, configs, values);
  const std::size_t d = space.size();
  Fanova out;
  out.main.assign(d, 0);
  if (sample.values.size() < fewest || d == 0) return out;
  std::vector<int> categories;
  for (std::size_t j = 0; j < d; ++j) categories.push_back(categories_of(space, j));
  std::vector<std::vector<double>> x = sample.unit;
  for (auto& row : x)
    for (std::size_t j = 0; j < d; ++j)
      row[j] = coordinate(space, j, std::isnan(row[j]) ? space.axis(j).centre() : row[j]);
  const Forest forest(x, sample.values, categories, seed);
  const ScrambledSobol sobol(d, seed);
  std::vector<double> point(d), predictions;
  for (std::uint32_t i = 0; i < draws; ++i) {
    sobol.point(i, point);
    predictions.push_back(forest.predict(point));
  }
  const double total = population_variance(predictions);
  if (!(total > 1e-300)) return out;
  std::vector<std::vector<double>> effects;
  for (std::size_t j = 0; j < d; ++j) {
    effects.push_back(forest.marginal(static_cast<int>(j), cells(categories[j]), -1, {}));
    out.main[j] = population_variance(effects[j]) / total;
  }
  std::vector<std::size_t> among(d);
  std::iota(among.begin(), among.end(), std::size_t{0});
  std::stable_sort(among.begin(), among.end(),
                   [&](std::size_t a, std::size_t b) { return out.main[a] > out.main[b]; });
  if (d > all_pairs) among.resize(chosen_pairs);
  for (std::size_t p = 0; p < among.size(); ++p)
    for (std::size_t q = p + 1; q < among.size(); ++q) {
      const std::size_t j = std::min(among[p], among[q]), k = std::max(among[p], among[q]);
      const auto joint = forest.marginal(static_cast<int>(j), cells(categories[j]),
                                         static_cast<int>(k), cells(categories[k]));
      const double beyond = population_variance(joint) / total - out.main[j] - out.main[k];
      out.pairs.push_back({j, k, std::max(0.0, beyond)});
    }
  std::stable_sort(out.pairs.begin(), out.pairs.end(),
                   [](const PairShare& a, const PairShare& b) { return a.share > b.share; });
  return out;
}

std::vector<double> ped_anova(const Space& space, std::span<const Config> configs,
                              std::span<const double> values, double share) {
  const Sample sample = sample_of(space, configs, values);
  std::vector<double> out(space.size(), 0);
  const std::size_t n = sample.values.size();
  if (n < fewest) return out;
  const std::vector<std::size_t> order = best_first(sample.values);
  const auto best = static_cast<std::size_t>(std::ceil(share * static_cast<double>(n)));
  double total = 0;
  for (std::size_t j = 0; j < space.size(); ++j) {
    std::vector<const std::vector<double>*> good, all;
    for (std::size_t r = 0; r < n; ++r) {
      const auto& row = sample.unit[order[r]];
      if (std::isnan(row[j])) continue;
      all.push_back(&row);
      if (r < best) good.push_back(&row);
    }
    if (good.empty() || space.axis(j).count() < 2) continue;
    const std::vector<std::size_t> group = {j};
    const tpe::Parzen top(space, group, good), whole(space, group, all);
    std::vector<double> point(space.size(), 0.5);
    const int c = categories_of(space, j);
    double sum = 0, mass = 0;
    for (int i = 0; i < (c > 0 ? c : 4 * grid); ++i) {
      double width = 1;
      if (c > 0) {
        const auto [low, high] = space.axis(j).cell(i);
        point[j] = (low + high) / 2;
      } else {
        point[j] = (i + 0.5) / (4 * grid);
        width = 1.0 / (4 * grid);
      }
      const double base = std::exp(whole.log_density(point));
      const double ratio = std::exp(top.log_density(point)) / base;
      sum += (ratio - 1) * (ratio - 1) * base * width;
      mass += base * width;
    }
    out[j] = sum / mass * static_cast<double>(all.size()) / static_cast<double>(n);
    total += out[j];
  }
  if (total > 0)
    for (double& value : out) value /= total;
  return out;
}

std::vector<EdgeWarning> edge_warnings(const Space& space, std::span<const Config> configs,
                                       std::span<const double> values) {
  const Sample sample = sample_of(space, configs, values);
  std::vector<EdgeWarning> out;
  const std::vector<std::size_t> order = best_first(sample.values);
  if (order.size() < fewest) return out;
  const std::size_t tenth = std::max<std::size_t>(3, (order.size() + 9) / 10);
  for (std::size_t j = 0; j < space.size(); ++j) {
    const Axis& axis = space.axis(j);
    if (categories_of(space, j) > 0 || axis.count() < 5) continue;
    std::vector<double> top;
    for (std::size_t r = 0; r < tenth; ++r)
      if (const double u = sample.unit[order[r]][j]; !std::isnan(u)) top.push_back(u);
    const double best = sample.unit[order.front()][j];
    if (top.size() < 3 || std::isnan(best)) continue;
    const double middle = median(top);
    double low = 0.05, high = 0.95;
    if (!axis.continuous()) {
      low = std::max(low, axis.cell(0).second);
      high = std::min(high, axis.cell(static_cast<std::int64_t>(axis.count()) - 1).first);
    }
    if (best < low && middle < low) out.push_back({j, false, axis.at(best)});
    if (best > high && middle > high) out.push_back({j, true, axis.at(best)});
  }
  return out;
}

}  // namespace vernier::search
