#include "search/cma/state.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "core/stats.h"

namespace vernier::search::cma {
namespace {

constexpr int attempts_inside = 10;
constexpr double smallest_deviation = 1e-7;
constexpr double category_rate = 0.3;  // how fast probabilities follow a generation's best

}  // namespace

State::State(std::vector<Dimension> dimensions, std::vector<std::vector<double>> shares,
             int population)
    : dimensions_(std::move(dimensions)),
      shares_(shares),
      first_shares_(std::move(shares)),
      d_(static_cast<int>(dimensions_.size())) {
  const int n = std::max(d_, 1);
  set_weights(population > 0 ? population : 4 + static_cast<int>(3 * std::log(n)));
}

void State::set_weights(int population) {
  population_ = std::max(population, 2);
  const double n = std::max(d_, 1), lambda = population_;
  Eigen::VectorXd raw(population_);
  for (int i = 0; i < population_; ++i) raw[i] = std::log((lambda + 1) / 2) - std::log(i + 1);
  const int mu = population_ / 2;
  const double positive = raw.head(mu).sum();
  mu_eff_ = positive * positive / raw.head(mu).squaredNorm();
  const double negative = -raw.tail(population_ - mu).sum();
  const double mu_eff_minus =
      negative > 0 ? negative * negative / raw.tail(population_ - mu).squaredNorm() : 0;
  c_1_ = 2 / ((n + 1.3) * (n + 1.3) + mu_eff_);
  c_mu_ = std::min(1 - c_1_, 2 * (mu_eff_ - 2 + 1 / mu_eff_) / ((n + 2) * (n + 2) + mu_eff_));
  c_mu_ = std::max(c_mu_, 1e-8);
  const double limit = std::min(
      {1 + c_1_ / c_mu_, 1 + 2 * mu_eff_minus / (mu_eff_ + 2), (1 - c_1_ - c_mu_) / (n * c_mu_)});
  weights_ = raw;
  for (int i = 0; i < population_; ++i)
    weights_[i] = raw[i] >= 0 ? raw[i] / positive : raw[i] / negative * std::max(limit, 0.0);
  c_sigma_ = (mu_eff_ + 2) / (n + mu_eff_ + 5);
  d_sigma_ = 1 + 2 * std::max(0.0, std::sqrt((mu_eff_ - 1) / (n + 1)) - 1) + c_sigma_;
  c_c_ = (4 + mu_eff_ / n) / (n + 4 + 2 * mu_eff_ / n);
  chi_ = std::sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
}

void State::begin(const Point& start, double sigma) {
  generation_ = 0;
  mean_ = start.x;
  sigma_ = sigma;
  path_c_ = path_sigma_ = Eigen::VectorXd::Zero(d_);
  scale_ = Eigen::VectorXd::Ones(d_);
  covariance_ = basis_ = Eigen::MatrixXd::Identity(d_, d_);
  deviations_ = Eigen::VectorXd::Ones(d_);
  shares_ = first_shares_;
  for (std::size_t k = 0; k < shares_.size(); ++k)
    for (std::size_t c = 0; c < shares_[k].size(); ++c)
      shares_[k][c] = 0.5 * shares_[k][c] + (c == start.choices[k] ? 0.5 : 0);
  keep_margins();
}

void State::grow() { set_weights(2 * population_); }

Point State::draw(Rng& rng) const {
  Point point;
  Eigen::VectorXd z(d_);
  for (int attempt = 0; attempt < attempts_inside; ++attempt) {
    for (int i = 0; i < d_; ++i) z[i] = deviations_[i] * rng.normal();
    point.x = mean_ + sigma_ * scale_.cwiseProduct(basis_ * z);
    if (d_ == 0 || (point.x.minCoeff() >= 0 && point.x.maxCoeff() <= 1)) break;
  }
  point.x = point.x.cwiseMax(0).cwiseMin(1);
  for (const auto& share : shares_) {
    double u = rng.uniform();
    std::size_t choice = 0;
    while (choice + 1 < share.size() && (u -= share[choice]) >= 0) ++choice;
    point.choices.push_back(choice);
  }
  return point;
}

void State::update(const std::vector<Point>& ranked) {
  ++generation_;
  const auto count = std::min<std::size_t>(ranked.size(), static_cast<std::size_t>(population_));
  std::vector<Eigen::VectorXd> y;  // in the coordinates of the covariance
  for (std::size_t i = 0; i < count; ++i)
    y.emplace_back((ranked[i].x - mean_).cwiseQuotient(sigma_ * scale_));
  Eigen::VectorXd step = Eigen::VectorXd::Zero(d_);
  for (std::size_t i = 0; i < count; ++i)
    if (const double w = weights_[static_cast<Eigen::Index>(i)]; w > 0) step += w * y[i];
  mean_ += sigma_ * scale_.cwiseProduct(step);
  const Eigen::VectorXd whitened = basis_ * (basis_.transpose() * step).cwiseQuotient(deviations_);
  path_sigma_ =
      (1 - c_sigma_) * path_sigma_ + std::sqrt(c_sigma_ * (2 - c_sigma_) * mu_eff_) * whitened;
  const double length = path_sigma_.norm();
  const double correction = std::sqrt(1 - std::pow(1 - c_sigma_, 2.0 * generation_));
  const bool moving = length / correction < (1.4 + 2 / (d_ + 1.0)) * chi_;
  path_c_ = (1 - c_c_) * path_c_ + (moving ? std::sqrt(c_c_ * (2 - c_c_) * mu_eff_) : 0.0) * step;
  const double lost = moving ? 0 : c_1_ * c_c_ * (2 - c_c_);
  Eigen::MatrixXd next = (1 + lost - c_1_ - c_mu_ * weights_.sum()) * covariance_ +
                         c_1_ * path_c_ * path_c_.transpose();
  for (std::size_t i = 0; i < count; ++i) {
    double w = weights_[static_cast<Eigen::Index>(i)];
    if (w < 0) {
      const double norm =
          (basis_ * (basis_.transpose() * y[i]).cwiseQuotient(deviations_)).squaredNorm();
      w *= d_ / std::max(norm, 1e-12);
    }
    next += c_mu_ * w * y[i] * y[i].transpose();
  }
  covariance_ = (next + next.transpose()) / 2;
  sigma_ *= std::exp(std::min(1.0, c_sigma_ / d_sigma_ * (length / chi_ - 1)));
  sigma_ = std::min(sigma_, 1.0);
  decompose();
  keep_margins();

  for (std::size_t k = 0; k < shares_.size(); ++k) {
    std::vector<double> seen(shares_[k].size(), 0);
    double total = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const double w = std::max(weights_[static_cast<Eigen::Index>(i)], 0.0);
      seen[ranked[i].choices[k]] += w;
      total += w;
    }
    const double least = 1 / (static_cast<double>(population_) * static_cast<double>(seen.size()));
    double sum = 0;
    for (std::size_t c = 0; c < seen.size(); ++c) {
      double& share = shares_[k][c];
      share = std::max((1 - category_rate) * share + category_rate * seen[c] / total, least);
      sum += share;
    }
    for (double& share : shares_[k]) share /= sum;
  }
}

void State::decompose() {
  if (d_ == 0) return;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance_);
  const double top = solver.eigenvalues().maxCoeff();
  if (solver.info() != Eigen::Success || !std::isfinite(top) || top <= 0) {
    covariance_ = basis_ = Eigen::MatrixXd::Identity(d_, d_);
    deviations_ = Eigen::VectorXd::Ones(d_);
    return;
  }
  basis_ = solver.eigenvectors();
  deviations_ = solver.eigenvalues().cwiseMax(1e-14 * top).cwiseSqrt();
}

/// Each dimension with cells keeps a probability of at least alpha to leave the mean's cell.
void State::keep_margins() {
  const double alpha = 1 / (std::max(d_, 1) * static_cast<double>(population_));
  for (int i = 0; i < d_; ++i) {
    mean_[i] = std::clamp(mean_[i], 0.0, 1.0);
    const std::vector<double>& edges = dimensions_[static_cast<std::size_t>(i)].edges;
    const std::size_t cells = edges.size() < 2 ? 0 : edges.size() - 1;
    if (cells < 2) continue;
    const auto at = static_cast<std::size_t>(
        std::upper_bound(edges.begin() + 1, edges.end() - 1, mean_[i]) - edges.begin() - 1);
    const double spread = sigma_ * std::sqrt(std::max(covariance_(i, i), 1e-300));
    double deviation = spread * scale_[i];
    if (at == 0 || at + 1 == cells) {
      const double edge = at == 0 ? edges[1] : edges[cells - 1];
      const double reach = -normal_quantile(alpha) * deviation;
      const double from = std::min(std::fabs(mean_[i] - edge), reach);
      mean_[i] = at == 0 ? edge - from : edge + from;
      continue;
    }
    const double low = edges[at], high = edges[at + 1];
    double below = normal_cdf((low - mean_[i]) / deviation);
    double above = normal_cdf((mean_[i] - high) / deviation);
    if (below >= alpha / 2 && above >= alpha / 2) continue;
    const double inside = 1 - below - above;
    const double b = std::max(below, alpha / 2), a = std::max(above, alpha / 2);
    const double rest = 1 - b - a - inside, norm = b + a + inside - 1.5 * alpha;
    below = std::clamp(b + rest * (b - alpha / 2) / norm, alpha / 2, 0.5 - 1e-9);
    above = std::clamp(a + rest * (a - alpha / 2) / norm, alpha / 2, 0.5 - 1e-9);
    const double z_low = -normal_quantile(below), z_high = -normal_quantile(above);
    mean_[i] = (low * z_high + high * z_low) / (z_low + z_high);
    deviation = (high - low) / (z_low + z_high);
    scale_[i] = deviation / spread;
  }
}

bool State::converged() const {
  if (d_ == 0) return false;
  return sigma_ * scale_.cwiseProduct(covariance_.diagonal().cwiseMax(0).cwiseSqrt()).maxCoeff() <
             smallest_deviation ||
         deviations_.maxCoeff() > 1e7 * deviations_.minCoeff();
}

}  // namespace vernier::search::cma
