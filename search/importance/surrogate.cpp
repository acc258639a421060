#include "search/importance/surrogate.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "core/rng.h"
#include "core/stats.h"
#include "search/gp/embedding.h"
#include "search/gp/fit.h"
#include "search/gp/model.h"
#include "search/gp/output_transform.h"
#include "search/sobol_sequence.h"

namespace vernier::search {
namespace {

using gp::Matrix;
using gp::Vector;

constexpr std::size_t fewest = 8, most = 400;
constexpr int evaluations = 80;
constexpr std::size_t screened = 4096, steps_around = 100, incumbents = 5;
constexpr double bound_deviations = 2;

/// With fewer the model is often too sure of itself.
std::size_t fewest_to_bound(int dimensions) {
  return std::max<std::size_t>(20, 5 * (static_cast<std::size_t>(dimensions) + 1));
}

/// The process at its most likely hyperparameters.
struct Surrogate {
  gp::Embedding embedding;
  gp::Model model;
  std::vector<std::size_t> trials;  // positions, of each row
  std::vector<double> raw;
  gp::FitData data;

  explicit Surrogate(const Space& space) : embedding(space), model(embedding.owner()) {}

  Eigen::Index best() const { return std::min_element(raw.begin(), raw.end()) - raw.begin(); }
  /// Units of the objective in one of the model: what is better than the median keeps its proportions.
  double unit() const {
    const double least = raw[static_cast<std::size_t>(best())], middle = median(raw);
    double width = 0, modelled = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] > middle || raw[i] - least <= width) continue;
      width = raw[i] - least;
      modelled = data.y[static_cast<Eigen::Index>(i)] - data.y[best()];
    }
    return modelled > 0 ? width / modelled : 0;
  }
  /// The latent mean and so many deviations more, at embedded points.
  Vector bound(const Matrix& points, double deviations) const {
    const gp::Prediction at = model.predict(points, false);
    return at.mean.col(0) + deviations * at.variance.cwiseSqrt();
  }
};

std::optional<Surrogate> fitted(const Space& space, std::span<const Config> configs,
                                std::span<const double> values) {
  std::optional<Surrogate> made(space);
  Surrogate& s = *made;
  std::vector<gp::Point> points;
  std::vector<std::optional<double>> kept;
  for (std::size_t i = 0; i < configs.size() && points.size() < most; ++i) {
    auto point = s.embedding.point(configs[i]);
    if (!point || !std::isfinite(values[i])) continue;
    points.push_back(std::move(*point));
    s.trials.push_back(i);
    s.raw.push_back(values[i]);
    kept.emplace_back(values[i]);
  }
  const auto n = static_cast<Eigen::Index>(points.size());
  if (points.size() < fewest || s.embedding.dimensions() == 0 || variance(s.raw) == 0)
    return std::nullopt;
  const std::vector<double> y = gp::transform_outputs(kept);
  s.data.x.resize(n, s.embedding.coordinates());
  s.data.y = Eigen::Map<const Vector>(y.data(), n);
  for (Eigen::Index i = 0; i < n; ++i)
    s.data.x.row(i) = s.embedding.embed(points[static_cast<std::size_t>(i)]);
  s.data.owner = s.embedding.owner();
  s.data.dimensions = s.embedding.dimensions();
  const Vector theta = gp::fit_map(s.data, {gp::default_theta(s.data.dimensions)}, evaluations);
  const std::vector<char> known(points.size(), 1);
  if (!s.model.update(theta, n, s.data.x, s.data.y, known)) return std::nullopt;
  return made;
}

}  // namespace

std::optional<Calibration> calibration(const Space& space, std::span<const Config> configs,
                                       std::span<const double> values) {
  const auto s = fitted(space, configs, values);
  if (!s) return std::nullopt;
  const Eigen::Index rows = s->data.y.size();
  const Vector inverse = s->model.solve_known(Matrix::Identity(rows, rows)).diagonal();
  const Vector alpha = s->model.solve_known(s->data.y.array() - s->model.mean());
  Calibration out;
  const double half = normal_quantile(0.75), ninety = normal_quantile(0.95);
  double errors = 0, spread = 0;
  const double middle = s->data.y.mean();
  for (std::size_t i = 0; i < s->trials.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(i);
    Foretold one;
    one.trial = s->trials[i];
    one.value = s->data.y[row];
    one.mean = one.value - alpha[row] / inverse[row];
    one.deviation = std::sqrt(1 / inverse[row]);
    const double away = std::fabs(one.value - one.mean) / one.deviation;
    out.inside_50 += away <= half;
    out.inside_90 += away <= ninety;
    errors += (one.value - one.mean) * (one.value - one.mean);
    spread += (one.value - middle) * (one.value - middle);
    out.trials.push_back(one);
  }
  const auto n = static_cast<double>(out.trials.size());
  out.inside_50 /= n;
  out.inside_90 /= n;
  out.explained = 1 - errors / spread;
  return out;
}

std::optional<double> regret_bound(const Space& space, std::span<const Config> configs,
                                   std::span<const double> values) {
  const auto s = fitted(space, configs, values);
  if (!s || s->trials.size() < fewest_to_bound(s->data.dimensions)) return std::nullopt;
  const double highest_of_best = s->bound(s->data.x, bound_deviations).minCoeff();

  std::vector<std::size_t> order(s->raw.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return s->raw[a] < s->raw[b]; });
  std::vector<Config> places;
  const ScrambledSobol sobol(space.size(), 1);
  std::vector<double> unit(space.size());
  for (std::uint32_t i = 0; i < screened; ++i) {
    sobol.point(i, unit);
    places.push_back(space.from_unit(unit));
  }
  Rng rng({1, Stream::sampler, 0xFFFE}, 0);
  for (std::size_t k = 0; k < std::min(incumbents, order.size()); ++k) {
    std::vector<double> centre = space.to_unit(configs[s->trials[order[k]]]);
    for (std::size_t i = 0; i < steps_around; ++i) {
      const double width = std::pow(10.0, -3 * rng.uniform());
      for (std::size_t j = 0; j < unit.size(); ++j) {
        const double from = std::isnan(centre[j]) ? 0.5 : centre[j];
        unit[j] = std::clamp(from + 0.3 * width * rng.normal(), 0.0, 1.0);
      }
      places.push_back(space.from_unit(unit));
    }
  }
  std::erase_if(places, [&](const Config& config) { return !space.satisfies(config); });
  Matrix x(static_cast<Eigen::Index>(places.size()), s->embedding.coordinates());
  for (std::size_t i = 0; i < places.size(); ++i)
    x.row(static_cast<Eigen::Index>(i)) = s->embedding.embed(*s->embedding.point(places[i]));
  double lowest = s->bound(s->data.x, -bound_deviations).minCoeff();
  if (x.rows() > 0) lowest = std::min(lowest, s->bound(x, -bound_deviations).minCoeff());
  return std::max(0.0, highest_of_best - lowest) * s->unit();
}

std::function<double(const Config&)> foreteller(const Space& space, std::span<const Config> configs,
                                                std::span<const double> values) {
  auto made = fitted(space, configs, values);
  if (!made) return {};
  const auto s = std::make_shared<const Surrogate>(std::move(*made));
  return [s](const Config& config) {
    const auto point = s->embedding.point(config);
    if (!point) return std::nan("");
    const double mean = s->bound(s->embedding.embed(*point), 0)[0];
    const Eigen::Index best = s->best();
    return s->raw[static_cast<std::size_t>(best)] + (mean - s->data.y[best]) * s->unit();
  };
}

}  // namespace vernier::search
