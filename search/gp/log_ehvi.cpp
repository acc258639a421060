#include "search/gp/log_ehvi.h"

#include <algorithm>
#include <cmath>

#include "search/gp/log_ei.h"

namespace vernier::search::gp {
namespace {

constexpr double nothing = -1e300;  // of a box that has no volume, as a logarithm

/// log(sigma (h(zu) - h(zl))) and its derivatives by mu and sigma.
LogEi log_interval(double mean, double deviation, double low, double high) {
  const LogH upper = log_h((high - mean) / deviation);
  if (low == -HUGE_VAL)
    return {upper.value + std::log(deviation), -upper.cdf_ratio / deviation,
            upper.pdf_ratio / deviation};
  const LogH lower = log_h((low - mean) / deviation);
  const double apart = lower.value - upper.value;
  if (!(apart < -1e-12)) return {nothing, 0, 0};
  const double rest = -std::expm1(apart), share = std::exp(apart);  // 1 - h(zl)/h(zu)
  return {upper.value + std::log(rest) + std::log(deviation),
          -(upper.cdf_ratio - share * lower.cdf_ratio) / rest / deviation,
          (upper.pdf_ratio - share * lower.pdf_ratio) / rest / deviation};
}

}  // namespace

std::vector<Score> log_expected_hypervolume_improvement(std::span<const Matrix> means,
                                                        std::span<const Vector> variances,
                                                        std::span<const Boxes> boxes) {
  const std::size_t objectives = means.size(), draws = boxes.size();
  const Eigen::Index m = means[0].rows();
  std::vector<Score> out(objectives,
                         Score{Vector(m), Matrix::Zero(m, means[0].cols()), Vector::Zero(m)});
  std::vector<double> logs;
  std::vector<LogEi> parts;  // (draw, box, objective)
  std::vector<double> deviation(objectives);
  for (Eigen::Index i = 0; i < m; ++i) {
    logs.clear();
    parts.clear();
    for (std::size_t k = 0; k < objectives; ++k) deviation[k] = std::sqrt(variances[k][i]);
    for (std::size_t s = 0; s < draws; ++s)
      for (Eigen::Index b = 0; b < boxes[s].lower.rows(); ++b) {
        double total = 0;
        for (std::size_t k = 0; k < objectives; ++k) {
          const auto column = static_cast<Eigen::Index>(k);
          parts.push_back(log_interval(means[k](i, static_cast<Eigen::Index>(s)), deviation[k],
                                       boxes[s].lower(b, column), boxes[s].upper(b, column)));
          total += parts.back().value;
        }
        logs.push_back(total);
      }
    const double most = *std::max_element(logs.begin(), logs.end());
    double sum = 0;
    for (double& v : logs) sum += v = std::exp(v - most);
    for (Score& score : out) score.value[i] = most + std::log(sum / static_cast<double>(draws));
    std::size_t box = 0;
    for (std::size_t s = 0; s < draws; ++s)
      for (Eigen::Index b = 0; b < boxes[s].lower.rows(); ++b, ++box) {
        const double share = logs[box] / sum;
        if (share < 1e-12) continue;
        for (std::size_t k = 0; k < objectives; ++k) {
          const LogEi& part = parts[box * objectives + k];
          out[k].by_mean(i, static_cast<Eigen::Index>(s)) += share * part.by_mean;
          out[k].by_variance[i] += share * part.by_deviation / (2 * deviation[k]);
        }
      }
  }
  return out;
}

}  // namespace vernier::search::gp
