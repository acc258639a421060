// ZDT1-3 (Zitzler, Deb, Thiele, "Comparison of Multiobjective Evolutionary Algorithms", EC 8(2), 2000): numbers in [0, 1].
#pragma once
#include <algorithm>
#include <cmath>

#include "search/pareto.h"
#include "tests/search/support.h"

namespace vernier::search::testing {

inline std::vector<double> zdt(int which, const std::vector<double>& x) {
  double sum = 0;
  for (std::size_t i = 1; i < x.size(); ++i) sum += x[i];
  const double g = 1 + 9 * sum / static_cast<double>(x.size() - 1), f = x[0];
  double h = 1 - std::sqrt(f / g);
  if (which == 2) h = 1 - f / g * (f / g);
  if (which == 3) h -= f / g * std::sin(10 * M_PI * f);
  return {f, g * h};
}

/// The area below (1.1, 1.1) that the true front dominates, from 200,000 points of it.
inline double zdt_true_area(int which) {
  std::vector<std::vector<double>> front;
  for (int i = 0; i <= 200000; ++i) front.push_back(zdt(which, {i / 200000.0, 0.0}));
  return hypervolume(front, std::vector<double>{1.1, 1.1});
}

/// The share of it that `trials` sequential trials cover.
template <class Make>
double zdt_share(Make make, int which, int parameters, int trials, std::uint64_t seed) {
  std::vector<Parameter> ranges;
  for (int i = 0; i < parameters; ++i)
    ranges.push_back(range("x" + std::to_string(i), Kind::float_, 0, 1));
  const Space space(ranges);
  SamplerContext context;
  context.space = &space;
  context.seed = seed;
  context.budget = trials;
  context.objectives = 2;
  const auto sampler = make(context);
  History history;
  std::vector<std::vector<double>> seen;
  for (int i = 0; i < trials; ++i) {
    const auto proposal = sampler->propose(history);
    REQUIRE(proposal);
    std::vector<double> x;
    for (int j = 0; j < parameters; ++j)
      x.push_back(as_number(*proposal->config.find("x" + std::to_string(j))));
    add(history, *proposal, Outcome::completed);
    Observation& told = history.trials.back();
    told.values = zdt(which, x);
    told.value = told.values[0];
    seen.push_back(told.values);
  }
  return hypervolume(seen, std::vector<double>{1.1, 1.1}) / zdt_true_area(which);
}

}  // namespace vernier::search::testing
