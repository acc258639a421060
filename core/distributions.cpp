// Distribution functions; Boost.Math's inverses, with the ends of the range answered here.
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/stats.h"

namespace vernier {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

using namespace boost::math::policies;
/// Results instead of exceptions, and double throughout.
using Quiet =
    policy<domain_error<ignore_error>, pole_error<ignore_error>, overflow_error<ignore_error>,
           evaluation_error<ignore_error>, promote_double<false>>;
using StudentT = boost::math::students_t_distribution<double, Quiet>;

}  // namespace

double normal_pdf(double x) {
  return std::exp(-0.5 * x * x) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

double normal_quantile(double p) {
  if (!(p >= 0 && p <= 1)) return nan;
  if (p == 0) return -infinity;
  if (p == 1) return infinity;
  return -std::numbers::sqrt2 * boost::math::erfc_inv(2 * p, Quiet());
}

double student_t_quantile(double p, double degrees) {
  if (!(p >= 0 && p <= 1) || !(degrees > 0)) return nan;
  if (p == 0) return -infinity;
  if (p == 1) return infinity;
  if (std::isinf(degrees)) return normal_quantile(p);
  return boost::math::quantile(StudentT(degrees), p);
}

double student_t_cdf(double t, double degrees) {
  if (std::isnan(t) || !(degrees > 0)) return nan;
  if (std::isinf(t)) return t > 0 ? 1 : 0;
  if (std::isinf(degrees)) return normal_cdf(t);
  return boost::math::cdf(StudentT(degrees), t);
}

}  // namespace vernier
