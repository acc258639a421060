// A Gaussian process fitted to a study as it stands: how well it foretells trials it has not seen, and how much better the space may still be.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/value.h"
#include "search/space.h"

namespace vernier::search {

struct Foretold {
  std::size_t trial = 0;  // position in what was given
  double value = 0, mean = 0,
         deviation = 0;  // the value, and what was foretold from all others; standardised
};

/// Leave-one-out predictions of the model that sampler gp fits (Rasmussen and Williams 2006, equations 5.10 to 5.12; hyperparameters of all trials), over
/// the values as it sees them: the bad half pressed to a half-Gaussian, then standardised.
struct Calibration {
  std::vector<Foretold> trials;
  double inside_50 = 0, inside_90 = 0;  // share of trials in their central 50 % and 90 % intervals
  double explained =
      0;  // 1 - squared errors / squared deviations: 1 perfect, 0 no better than the mean, below 0 worse
};

/// `values` minimised, one a configuration; those that are not finite and configurations from outside the space are left out; of more than 400
/// the first 400 in the order given count. nullopt for fewer than 8 trials, equal values, or where the model cannot be computed.
std::optional<Calibration> calibration(const Space& space, std::span<const Config> configs,
                                       std::span<const double> values);

/// How much lower than the best trial the objective may lie somewhere in the space, in its own units: the least upper bound (mean + 2 deviations) over the
/// trials less the least lower bound (mean - 2 deviations) over 4,096 scrambled Sobol points and steps around the 5 best trials; both latent, at
/// least 0. A bound on the regret as far as the model holds (Makarova et al., "Automatic Termination for Hyperparameter Optimization", AutoML 2022,
/// equation 3, with a fixed multiple of 2). nullopt as above, and before max(20, 5 (d + 1)) trials.
std::optional<double> regret_bound(const Space& space, std::span<const Config> configs,
                                   std::span<const double> values);

/// The latent mean at a configuration of the space, in the objective's units (those of the better half, beyond which the model presses values together). Empty
/// where calibration() would be nullopt.
std::function<double(const Config&)> foreteller(const Space& space, std::span<const Config> configs,
                                                std::span<const double> values);

}  // namespace vernier::search
