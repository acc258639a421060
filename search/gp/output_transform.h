// From observed values (minimised) to what the Gaussian process is fitted to.
//   m = median of the successes
//   1. y > m becomes m + sigma Phi^-1(1/2 + share/2), share = (rank - 1/2) / count within the bad half (ties share their mean
//      rank), sigma^2 = mean (y - m)^2 of the good half (0: of all successes; still 0: everything becomes 0): the bad half is
//      half-Gaussian, however long its tail was
//   2. failures: max + range / 4 (+ 1 where all successes are equal): worse than anything seen, yet no cliff that would bend the
//      lengthscales or keep the search away from a good edge
//   3. standardised (mean 0, variance 1)
// After Song et al., "The Vizier Gaussian Process Bandit Algorithm" (arXiv 2408.11527), section 3.2, without its logarithmic step and
// with a lower wall for failures: both searched better here (README.md).
#pragma once
#include <optional>
#include <span>
#include <vector>

namespace vernier::search::gp {

/// One objective: one entry a result: its value, or nullopt (also NaN or infinite) for a failure. Same length out, all finite.
/// `factor`: by how much differences among the good half change.
std::vector<double> transform_outputs(std::span<const std::optional<double>> values,
                                      double* factor = nullptr);

/// One of several objectives, whose values on the front go from `low` to `high`: as it is up to high + r, r = high - low, and
/// beyond that high + r (1 + log1p((y - high) / r - 1)), so that volumes below the front keep their proportions and what is far above it
/// costs no resolution. Failures and standardisation as above.
std::vector<double> transform_objective(std::span<const std::optional<double>> values, double low,
                                        double high);

/// The margins of a limit: 0 stays 0 and signs stay. With t the median size, m becomes sign(m) log1p(|m| / t), over the root mean square: a
/// margin of 10,000 parameters counts little more than one of 1,000.
std::vector<double> transform_margins(std::span<const std::optional<double>> values);

}  // namespace vernier::search::gp
