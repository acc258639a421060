// Log densities of the hyperparameters' priors and their derivatives by the logarithm of the value. They are densities of the
// value itself although the optimiser's variables are logarithms (no Jacobian), as in BoTorch:
//   lengthscale  LogNormal(sqrt 2 + ln(d)/2, 1.5)   after Hvarfner, Hellsten, Nardi 2024 (arXiv 2402.02746, eq. 5: sqrt 3)
//   signal s     Gamma(2, 1)
//   noise        LogNormal(-4, 2)   wide enough for objectives without noise
// Constants that do not depend on the value are left out.
#pragma once
#include <cmath>

namespace vernier::search::gp {

/// log p and d log p / d ln(value).
struct LogDensity {
  double value = 0;
  double slope = 0;
};

inline LogDensity log_normal(double log_value, double location, double scale) {
  const double t = (log_value - location) / scale;
  return {-log_value - 0.5 * t * t, -1.0 - t / scale};
}

/// Shape and rate.
inline LogDensity log_gamma_density(double log_value, double shape, double rate) {
  const double scaled = rate * std::exp(log_value);
  return {(shape - 1.0) * log_value - scaled, (shape - 1.0) - scaled};
}

inline double lengthscale_location(int dimensions) {
  return std::sqrt(2.0) + 0.5 * std::log(static_cast<double>(dimensions));
}
inline LogDensity lengthscale_prior(double log_lengthscale, int dimensions) {
  return log_normal(log_lengthscale, lengthscale_location(dimensions), 1.5);
}
inline LogDensity signal_prior(double log_signal) {
  return log_gamma_density(log_signal, 2.0, 1.0);
}
inline LogDensity noise_prior(double log_noise) { return log_normal(log_noise, -4.0, 2.0); }

// Bounds of the search, as logarithms.
inline const double log_lengthscale_min = std::log(0.025);
inline const double log_lengthscale_max = std::log(1e3);
inline const double log_signal_min = std::log(1e-3);
inline const double log_signal_max = std::log(1e3);
inline const double log_noise_min = std::log(1e-6);
inline const double log_noise_max = std::log(1e1);

}  // namespace vernier::search::gp
