#include "search/gp/log_ei.h"

#include <cerf.h>

#include <cmath>
#include <numbers>

namespace vernier::search::gp {
namespace {

constexpr double half_log_two_pi = 0.91893853320467274178;
constexpr double half_log_half_pi = 0.22579135264472743236;

// log(1 - exp(x)) for x < 0 (Maechler 2012).
double log1mexp(double x) {
  return x > -std::numbers::ln2 ? std::log(-std::expm1(x)) : std::log1p(-std::exp(x));
}

}  // namespace

LogH log_h(double z) {
  if (z > -1.0) {
    const double pdf = std::exp(-0.5 * z * z - half_log_two_pi);
    const double cdf = 0.5 * std::erfc(-z / std::numbers::sqrt2);
    const double h = pdf + z * cdf;
    return {std::log(h), pdf / h, cdf / h};
  }
  // h = phi g, g = 1 - |z| Phi/phi; the ratios of h come from g alone, free of the cancelling -z^2/2.
  const double a = -z;
  double log_g, mills;  // mills = Phi(z) / phi(z)
  if (z > -1e3) {
    const double scaled = erfcx(a / std::numbers::sqrt2);
    log_g = log1mexp(std::log(scaled * a) + half_log_half_pi);
    mills = scaled * std::exp(half_log_half_pi);
  } else {
    const double t = 1.0 / (a * a);
    log_g = -2.0 * std::log(a) + std::log1p(-3.0 * t + 15.0 * t * t);
    mills = (1.0 - t) / a;
  }
  const double pdf_ratio = std::exp(-log_g);
  return {-0.5 * z * z - half_log_two_pi + log_g, pdf_ratio, mills * pdf_ratio};
}

LogEi log_ei(double mean, double deviation, double best) {
  const LogH h = log_h((best - mean) / deviation);
  return {h.value + std::log(deviation), -h.cdf_ratio / deviation, h.pdf_ratio / deviation};
}

}  // namespace vernier::search::gp
