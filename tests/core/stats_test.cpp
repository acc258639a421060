#include "core/stats.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "core/error.h"

namespace vernier {
namespace {

// Every expected number below was computed with NumPy 2 and SciPy 1.
const std::vector<double> x{3.1, -2, 7, 0.5, 0.5, 11, 4};
const std::vector<double> y{1, 2, 8, -1, 3, 9.5, 2};
constexpr double infinity = std::numeric_limits<double>::infinity();
const double nan = std::nan("");

doctest::Approx near(double value) { return doctest::Approx(value).epsilon(1e-12); }

}  // namespace

TEST_CASE("mean and variance agree with NumPy") {
  CHECK(mean(x) == near(3.442857142857143));
  CHECK(variance(x) == near(19.522857142857145));
  CHECK(variance(std::vector<double>{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}) == 30);
  CHECK(variance(std::vector<double>{5}) == 0);
  CHECK(std::isnan(mean({})));
}

TEST_CASE("quantiles are NumPy's") {
  const std::vector<std::pair<double, double>> expected{{0, -2},    {0.1, -0.5},  {0.25, 0.5},
                                                        {0.5, 3.1}, {0.77, 5.86}, {1, 11}};
  for (const auto& [p, value] : expected) {
    CAPTURE(p);
    CHECK(quantile(x, p) == near(value));
  }
  CHECK(median(std::vector<double>{4, 1}) == 2.5);
  CHECK(median(std::vector<double>{infinity, infinity, 1}) == infinity);
}

TEST_CASE("what is not defined is NaN") {
  CHECK(std::isnan(quantile({}, 0.5)));
  CHECK(std::isnan(quantile(x, 1.5)));
  CHECK(std::isnan(median(std::vector<double>{1, nan, 2})));
  CHECK(std::isnan(pearson(std::vector<double>{1, 1}, std::vector<double>{1, 2})));
  CHECK(std::isnan(spearman(std::vector<double>{1, nan, 3}, std::vector<double>{1, 2, 3})));
  CHECK(std::isnan(pearson(std::vector<double>{1}, std::vector<double>{1})));
  CHECK(std::isnan(normal_quantile(-0.1)));
  CHECK(std::isnan(normal_quantile(nan)));
  CHECK(std::isnan(student_t_quantile(0.5, 0)));
  CHECK(std::isnan(student_t_cdf(1, -1)));
}

TEST_CASE("ties share their mean rank and NaN ranks last") {
  CHECK(ranks(x) == std::vector<double>{4, 1, 6, 2.5, 2.5, 7, 5});
  CHECK(ranks(std::vector<double>{nan, 2, nan, 1}) == std::vector<double>{3, 2, 4, 1});
  CHECK(ranks({}).empty());
}

TEST_CASE("correlations agree with SciPy") {
  CHECK(pearson(x, y) == near(0.8321824825585323));
  CHECK(spearman(x, y) == near(0.6181818181818182));
  CHECK_THROWS_AS(pearson(x, std::vector<double>{1, 2}), Error);
}

TEST_CASE("the normal distribution agrees with SciPy") {
  const std::vector<std::pair<double, double>> quantiles{
      {1e-300, -37.0470962993612},  {1e-10, -6.361340902404056},  {0.001, -3.090232306167813},
      {0.025, -1.9599639845400545}, {0.3, -0.5244005127080409},   {0.9, 1.2815515655446004},
      {0.975, 1.959963984540054},   {0.999999, 4.753424308817087}};
  for (const auto& [p, value] : quantiles) {
    CAPTURE(p);
    CHECK(normal_quantile(p) == near(value));
  }
  CHECK(normal_quantile(0.5) == 0);
  CHECK(normal_quantile(0) == -infinity);
  CHECK(normal_quantile(1) == infinity);

  struct Row {
    double x, cdf, pdf;
  };
  const std::vector<Row> rows{{-30, 4.906713927147908e-198, 1.4736461348785476e-196},
                              {-8, 6.22096057427174e-16, 5.052271083536893e-15},
                              {-1.5, 0.06680720126885807, 0.12951759566589174},
                              {0, 0.5, 0.3989422804014327},
                              {0.7, 0.758036347776927, 0.31225393336676127},
                              {3, 0.9986501019683699, 0.0044318484119380075},
                              {6, 0.9999999990134123, 6.075882849823286e-09}};
  for (const Row& row : rows) {
    CAPTURE(row.x);
    CHECK(std::abs(normal_cdf(row.x) / row.cdf - 1) < 1e-12);
    CHECK(std::abs(normal_pdf(row.x) / row.pdf - 1) < 1e-12);
  }
}

TEST_CASE("Student's t agrees with SciPy") {
  struct Row {
    double at, degrees, value;
  };
  const std::vector<Row> quantiles{
      {0.975, 1, 12.706204736174694},    {0.975, 2, 4.302652729749462},
      {0.975, 4, 2.7764451051977934},    {0.975, 9, 2.262157162798205},
      {0.95, 3, 2.3533634348018233},     {0.6, 2.5, 0.2814595127485477},
      {0.995, 29, 2.756385903670605},    {0.001, 5, -5.893429531356009},
      {0.975, 1000, 1.9623390808264083}, {0.975, 1e6, 1.959966356814107},
      {0.9, 0.5, 10.27032441023451}};
  for (const Row& row : quantiles) {
    CAPTURE(row.at);
    CAPTURE(row.degrees);
    CHECK(student_t_quantile(row.at, row.degrees) == doctest::Approx(row.value).epsilon(1e-9));
  }
  const std::vector<Row> cdf{{2.0, 1, 0.8524163823495667},
                             {-3.5, 4, 0.012448081730111374},
                             {0.3, 2.5, 0.6063288142524014},
                             {10, 7, 0.9999893028985546},
                             {-40, 3, 1.7190340394579253e-05},
                             {1.96, 1e6, 0.9750019662073651},
                             {0, 3, 0.5}};
  for (const Row& row : cdf) {
    CAPTURE(row.at);
    CAPTURE(row.degrees);
    CHECK(std::abs(student_t_cdf(row.at, row.degrees) / row.value - 1) < 1e-9);
  }
  CHECK(student_t_cdf(infinity, 3) == 1);
  CHECK(student_t_quantile(0.975, infinity) == near(1.959963984540054));
}

}  // namespace vernier
