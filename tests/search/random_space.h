// A random space of one to six parameters of every kind and scale, some conditional.
#pragma once
#include <cmath>

#include "tests/search/support.h"

namespace vernier::search::testing {

inline Parameter random_parameter(const std::string& name, Rng& rng) {
  const auto low = static_cast<double>(rng.below(40)) - 10;
  const auto width = static_cast<double>(1 + rng.below(60));
  switch (rng.below(9)) {
    case 0:
      return range(name, Kind::float_, low + rng.uniform(), low + width + 1);
    case 1:
      return range(name, Kind::float_, std::pow(10, -1 - 6 * rng.uniform()), 0.5 + rng.uniform(),
                   Scale::log);
    case 2:
      return range(name, Kind::float_, 0.9 * rng.uniform(), 0.9 + 0.0999 * rng.uniform(),
                   Scale::reverse_log);
    case 3:
      return range(name, Kind::float_, 0.001 + 0.1 * rng.uniform(), 0.9 + 0.09 * rng.uniform(),
                   Scale::logit);
    case 4:
      return range(name, Kind::int_, low, low + width);
    case 5:
      return range(name, Kind::int_, 1 + static_cast<double>(rng.below(3)), 3 + width, Scale::log);
    case 6:
      return stepped(name, low / 10, low / 10 + 0.1 * static_cast<double>(1 + rng.below(20)), 0.1);
    case 7: {
      Parameter p = choice(name, {text("a"), text("b"), whole(3), Value(true)});
      if (rng.below(2) == 0) p.weights = {0.1, 2, 0.5, 1};
      return p;
    }
    default:
      return choice(name, {whole(1), Value(2.5), whole(10)}, Kind::ordinal);
  }
}

inline Space random_space(Rng& rng) {
  std::vector<Parameter> parameters;
  const std::uint64_t size = 1 + rng.below(6);
  for (std::uint64_t i = 0; i < size; ++i) {
    parameters.push_back(random_parameter("p" + std::to_string(i), rng));
    if (i == 0 || rng.below(3) != 0) continue;
    const std::string parent = "p" + std::to_string(rng.below(i));
    const bool plain = rng.below(2) == 0;
    parameters.back().condition =
        expr::parse(plain ? parent + " != 3" : parent + " = 'a' or " + parent + " != 3");
  }
  return Space(std::move(parameters));
}

inline std::vector<double> random_unit(const Space& space, Rng& rng) {
  std::vector<double> unit;
  for (std::size_t i = 0; i < space.size(); ++i)
    unit.push_back(rng.below(20) == 0 ? static_cast<double>(rng.below(2)) : rng.uniform());
  return unit;
}

}  // namespace vernier::search::testing
