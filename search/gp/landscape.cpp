#include "search/gp/landscape.h"

#include <memory>

#include "search/gp/acquisition.h"
#include "search/gp/log_ehvi.h"
#include "search/gp/path_sample.h"

namespace vernier::search::gp {
namespace {

constexpr double beyond = 0.1;
constexpr std::size_t most_of_front[] = {64, 24, 10};  // 2, 3, 4 objectives

/// Of one objective; `score` maps (mean, variance) to a Score.
template <class ScoreOf>
Landscape single(const Model& model, ScoreOf score_of) {
  Landscape out;
  out.evaluate = [&model, score_of](const Matrix& points, bool gradients) {
    const Prediction at = model.predict(points, gradients);
    Score score = score_of(at.mean, at.variance);
    Acquisition a{std::move(score.value), {}};
    if (gradients) a.gradient = model.gradient(at, score.by_mean, score.by_variance);
    return a;
  };
  out.screen = [&model, score_of](const Eigen::MatrixXf& points) {
    Eigen::MatrixXf mean;
    Eigen::VectorXf variance;
    model.screen(points, mean, variance);
    return score_of(mean.cast<double>(), variance.cast<double>()).value;
  };
  return out;
}

Landscape flat_landscape() {
  Landscape out;
  out.evaluate = [](const Matrix& points, bool gradients) {
    return Acquisition{Vector::Zero(points.rows()),
                       gradients ? Matrix::Zero(points.rows(), points.cols()) : Matrix()};
  };
  out.screen = [](const Eigen::MatrixXf& points) { return Vector(Vector::Zero(points.rows())); };
  return out;
}

/// The posterior means of all objectives at the rows, (rows, objectives).
Matrix means_at_rows(const Surrogate& surrogate, const Rows& rows) {
  Matrix out(rows.y().rows(), rows.y().cols());
  for (Eigen::Index k = 0; k < out.cols(); ++k)
    out.col(k) = surrogate.model(static_cast<int>(k)).row_means().col(0);
  return out;
}

Boxes boxes_of(const Surrogate& surrogate, const Rows& rows) {
  const Matrix means = means_at_rows(surrogate, rows);
  const auto kept = most_of_front[std::min<Eigen::Index>(means.cols(), 4) - 2];
  const Matrix front = means(rows.front(means, kept), Eigen::all);
  const Vector worst = means.colwise().maxCoeff().transpose();
  const Vector reference = worst + beyond * (worst - front.colwise().minCoeff().transpose());
  return undominated(front, reference);
}

}  // namespace

Landscape improvement_landscape(const Surrogate& surrogate, const Rows& rows) {
  const Model& model = surrogate.model();
  const Vector best = rows.best_means(model.row_means());
  if (!best.allFinite()) return flat_landscape();  // none to improve on is feasible
  return single(model, [best](const Matrix& mean, const Vector& variance) {
    return log_expected_improvement(mean, variance, best);
  });
}

Landscape bound_landscape(const Surrogate& surrogate, double deviations) {
  return single(surrogate.model(), [deviations](const Matrix& mean, const Vector& variance) {
    return confidence_bound(mean, variance, deviations);
  });
}

Landscape hypervolume_landscape(const Surrogate& surrogate, const Rows& rows, double boldness) {
  const double stretch = boldness * boldness;
  const Boxes boxes = boxes_of(surrogate, rows);
  const auto objectives = static_cast<std::size_t>(rows.y().cols());
  Landscape out;
  out.evaluate = [&surrogate, boxes, objectives, stretch](const Matrix& points, bool gradients) {
    std::vector<Prediction> at;
    std::vector<Matrix> means;
    std::vector<Vector> variances;
    for (std::size_t k = 0; k < objectives; ++k) {
      at.push_back(surrogate.model(static_cast<int>(k)).predict(points, gradients));
      means.push_back(at.back().mean);
      variances.push_back(stretch * at.back().variance);
    }
    const auto scores = log_expected_hypervolume_improvement(means, variances, {&boxes, 1});
    Acquisition a{scores[0].value, {}};
    if (!gradients) return a;
    a.gradient = Matrix::Zero(points.rows(), points.cols());
    for (std::size_t k = 0; k < objectives; ++k)
      a.gradient += surrogate.model(static_cast<int>(k))
                        .gradient(at[k], scores[k].by_mean, stretch * scores[k].by_variance);
    return a;
  };
  out.screen = [&surrogate, boxes, objectives, stretch](const Eigen::MatrixXf& points) {
    std::vector<Matrix> means(objectives);
    std::vector<Vector> variances(objectives);
    for (std::size_t k = 0; k < objectives; ++k) {
      Eigen::MatrixXf mean;
      Eigen::VectorXf variance;
      surrogate.model(static_cast<int>(k)).screen(points, mean, variance);
      means[k] = mean.cast<double>();
      variances[k] = stretch * variance.cast<double>();
    }
    return log_expected_hypervolume_improvement(means, variances, {&boxes, 1})[0].value;
  };
  return out;
}

Landscape thompson_landscape(const Surrogate& surrogate, const Rows& rows, Rng& rng) {
  const auto sample =
      std::make_shared<const PathSample>(surrogate.model(), rows.x(), Vector(rows.y().col(0)), rng);
  Landscape out;
  out.evaluate = [sample](const Matrix& points, bool gradients) {
    Acquisition a;
    a.value = -sample->value(points, gradients ? &a.gradient : nullptr);
    a.gradient = -a.gradient;
    return a;
  };
  out.screen = [sample](const Eigen::MatrixXf& points) {
    return Vector(-sample->value(points.cast<double>(), nullptr));
  };
  return out;
}

}  // namespace vernier::search::gp
