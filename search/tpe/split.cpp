#include "search/tpe/split.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "search/standing.h"

namespace vernier::search::tpe {
namespace {

constexpr double good_share = 0.1;
constexpr std::size_t most_good = 25;

}  // namespace

Split split(const History& history) {
  std::vector<std::tuple<int, double, std::size_t>> results;  // (-how far, value, place)
  for (std::size_t i = 0; i < history.trials.size(); ++i) {
    const auto [far, value] = standing(history.trials[i]);
    if (far < 0) results.emplace_back(far, value, i);
  }
  std::sort(results.begin(), results.end());
  const double n = static_cast<double>(history.trials.size());
  const auto wanted = std::min(static_cast<std::size_t>(std::ceil(good_share * n)), most_good);
  std::vector<char> good(history.trials.size(), false);
  for (std::size_t k = 0; k < std::min(wanted, results.size()); ++k)
    good[std::get<2>(results[k])] = true;
  Split out;
  for (std::size_t i = 0; i < good.size(); ++i) (good[i] ? out.good : out.bad).push_back(i);
  return out;
}

}  // namespace vernier::search::tpe
