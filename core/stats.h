// Descriptive statistics and distribution functions, in double. What is not defined (an empty sample, a probability outside
// [0, 1], degrees <= 0, a sample with NaN) is NaN, never an exception.
#pragma once
#include <span>
#include <vector>

namespace vernier {

double mean(std::span<const double> x);
/// Sample variance with n - 1; 0 for n < 2.
double variance(std::span<const double> x);
/// Linear interpolation between order statistics (type 7, as NumPy and R). p in [0, 1]; NaN for an empty sample.
double quantile(std::span<const double> x, double p);
double median(std::span<const double> x);
/// Average ranks, 1-based; ties share their mean rank.
/// NaN ranks last.
std::vector<double> ranks(std::span<const double> x);
/// NaN for fewer than 2 pairs or a constant sample; throws Error for unequal sizes.
double pearson(std::span<const double> x, std::span<const double> y);
double spearman(std::span<const double> x, std::span<const double> y);

double normal_pdf(double x);
double normal_cdf(double x);
/// p in [0, 1]; minus and plus infinity at its ends.
double normal_quantile(double p);
/// Quantile of Student's t with `degrees` > 0 degrees of freedom.
double student_t_quantile(double p, double degrees);
double student_t_cdf(double t, double degrees);

}  // namespace vernier
