#include "search/gp/log_ei.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>

#include "tests/search/fixtures.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::gp;

namespace {

double relative(double got, double expected) {
  return std::fabs(got - expected) / std::max(std::fabs(expected), 1e-300);
}

}  // namespace

TEST_CASE("log h agrees with mpmath to 1e-10 max(1, |log h|) for z in [-1e10, 40]") {
  const Json references = testing::fixture("log_h.json");
  CHECK(references.size() > 600);
  for (const Json& r : references) {
    const double z = r["z"], expected = std::stod(r["log_h"].get<std::string>());
    CAPTURE(z);
    const LogH h = log_h(z);
    CHECK(std::fabs(h.value - expected) <= 1e-10 * std::max(1.0, std::fabs(expected)));
    CHECK(relative(h.cdf_ratio, r["cdf_ratio"]) < 1e-9);
    CHECK(relative(h.pdf_ratio, r["pdf_ratio"]) < 1e-9);
  }
}

TEST_CASE("log h increases with z across the seams") {
  for (const double seam : {-1.0, -1e3}) {
    double last = log_h(seam * (1 + 1e-6)).value;
    for (int i = -100; i <= 100; ++i) {
      const double now = log_h(seam * (1 - i * 1e-6)).value;
      if (i > -100) CHECK(now > last - 1e-9 * std::fabs(last));
      last = now;
    }
  }
}

TEST_CASE("log EI's derivatives are those of its values") {
  for (const double mean : {-3.0, -0.2, 0.4, 5.0, 60.0})
    for (const double deviation : {1e-3, 0.1, 1.0, 7.0}) {
      CAPTURE(mean);
      CAPTURE(deviation);
      const double best = 0.3, step = 1e-6;
      const LogEi at = log_ei(mean, deviation, best);
      const double by_mean = (log_ei(mean + step * deviation, deviation, best).value -
                              log_ei(mean - step * deviation, deviation, best).value) /
                             (2 * step * deviation);
      const double by_deviation = (log_ei(mean, deviation * (1 + step), best).value -
                                   log_ei(mean, deviation * (1 - step), best).value) /
                                  (2 * step * deviation);
      CHECK(at.by_mean == doctest::Approx(by_mean).epsilon(1e-5));
      CHECK(at.by_deviation == doctest::Approx(by_deviation).epsilon(1e-5));
    }
}

TEST_CASE("EI = sigma h by numerical integration") {
  // EI = integral over y < best of (best - y) N(y; mean, sd^2)
  const double mean = 0.7, deviation = 0.5, best = 0.2;
  double integral = 0;
  const double width = 1e-4;
  for (double y = best - 8 * deviation; y < best; y += width) {
    const double t = (y + width / 2 - mean) / deviation;
    integral +=
        width * (best - y - width / 2) * std::exp(-0.5 * t * t) / (deviation * std::sqrt(2 * M_PI));
  }
  CHECK(log_ei(mean, deviation, best).value == doctest::Approx(std::log(integral)).epsilon(1e-6));
}
