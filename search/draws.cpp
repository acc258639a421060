#include "search/draws.h"

#include "core/rng.h"

namespace vernier::search {
namespace {

constexpr std::uint32_t quick_draws = 1000, most_draws = 200000;
constexpr double listed_points = 1e6;

std::optional<Config> one_of_the_rest(const Space& space, const Seen& seen, std::uint64_t seed,
                                      int number) {
  std::uint64_t rest = 0;
  space.enumerate([&](const Config& config) {
    rest += !seen.contains(config);
    return true;
  });
  if (rest == 0) return std::nullopt;
  Rng rng({seed, Stream::sampler, 2}, static_cast<std::uint32_t>(number));
  std::uint64_t skip = rng.below(rest);
  std::optional<Config> chosen;
  space.enumerate([&](const Config& config) {
    if (seen.contains(config) || skip-- > 0) return true;
    chosen = config;
    return false;
  });
  return chosen;
}

}  // namespace

int next_number(const History& history) {
  return history.trials.empty() ? 1 : history.trials.back().number + 1;
}

std::optional<Config> first_new(const Space& space, const Seen& seen, std::uint64_t seed,
                                int number, const std::function<Config(std::uint32_t)>& draw) {
  for (std::uint32_t j = 0; j < most_draws; ++j) {
    if (j == quick_draws) {
      const auto points = space.cardinality();
      if (points && *points <= listed_points) return one_of_the_rest(space, seen, seed, number);
    }
    Config config = draw(j);
    if (space.satisfies(config) && !seen.contains(config)) return config;
  }
  return std::nullopt;
}

}  // namespace vernier::search
