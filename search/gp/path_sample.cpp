#include "search/gp/path_sample.h"

#include <cmath>

namespace vernier::search::gp {
namespace {

constexpr int features = 512, degrees = 5;

double over_chi(Rng& rng) {
  double square = 0;
  for (int i = 0; i < degrees; ++i) square += std::pow(rng.normal(), 2);
  return std::sqrt(degrees / std::max(square, 1e-12));
}

}  // namespace

PathSample::PathSample(const Model& model, const Matrix& x, const Vector& y, Rng& rng)
    : model_(&model),
      frequencies_(x.cols(), features),
      phases_(features),
      amplitudes_(features),
      weights_(x.rows()) {
  const double scale = std::sqrt(2.0 * model.signal() / features);
  for (int j = 0; j < features; ++j) {
    const double stretch = over_chi(rng);
    for (Eigen::Index c = 0; c < x.cols(); ++c) frequencies_(c, j) = stretch * rng.normal();
    phases_[j] = 2 * M_PI * rng.uniform();
    amplitudes_[j] = scale * rng.normal();
  }
  weights_.setZero();
  weights_ = model.solve_known(y - value(x, nullptr) - model.draw_noise(rng));
}

Vector PathSample::value(const Matrix& points, Matrix* gradient) const {
  const Matrix q = model_->scaled(points);
  const Matrix angles = (q * frequencies_).rowwise() + phases_;
  Vector out = model_->weighted_kernel(points, weights_, gradient);
  out.array() += model_->mean() + (angles.array().cos().matrix() * amplitudes_).array();
  if (gradient != nullptr) {
    const Matrix by_angle = -(angles.array().sin().rowwise() * amplitudes_.transpose().array());
    *gradient += model_->scaled(by_angle * frequencies_.transpose());
  }
  return out;
}

}  // namespace vernier::search::gp
