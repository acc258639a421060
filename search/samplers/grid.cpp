#include "search/samplers/grid.h"

#include <algorithm>

#include "core/error.h"
#include "core/shuffle.h"
#include "core/text.h"
#include "search/options.h"
#include "search/seen.h"

namespace vernier::search {
namespace {

constexpr double most_combinations = 1e18;
constexpr std::uint64_t longest_walk = 10000000;

class Grid final : public Sampler {
 public:
  Grid(const SamplerContext& context, int points)
      : space_(*context.space),
        points_(points),
        total_(combinations(space_, points)),
        order_(total_, {context.seed, Stream::sampler, 5}, 0),
        seen_(space_),
        digits_(space_.size()),
        values_(space_.size()) {}

  bool learns() const override { return false; }
  std::optional<Proposal> propose(const History& history) override {
    seen_.update(history);
    if (std::exchange(restarts_, seen_.restarts()) != seen_.restarts()) place_ = 0;
    // Everything before place_ has been tried or is not allowed, and stays so.
    for (std::uint64_t walked = 0; place_ < total_ && walked < longest_walk; ++place_, ++walked) {
      Config config;
      if (decode(order_(place_), config) && space_.satisfies(config) && !seen_.contains(config))
        return Proposal{std::move(config), {}};
    }
    return std::nullopt;
  }

 private:
  static std::uint64_t count(const Axis& axis, int points) {
    return axis.continuous() ? static_cast<std::uint64_t>(points)
                             : static_cast<std::uint64_t>(axis.count());
  }

  static std::uint64_t combinations(const Space& space, int points) {
    double total = 1;
    std::vector<std::string> unbounded;
    for (std::size_t i = 0; i < space.size(); ++i) {
      if (space.axis(i).continuous() && points == 0) {
        unbounded.push_back(space.parameters()[i].name);
      } else {
        total *= static_cast<double>(count(space.axis(i), points));
      }
    }
    if (!unbounded.empty())
      fail<UsageError>(
          "[sampler grid] the grid is unbounded: {} without step, {} combinations of the rest; "
          "expected a step, or the "
          "option points",
          join(unbounded, ", "), total);
    if (total > most_combinations)
      fail<UsageError>("[sampler grid] {} combinations; expected at most {}", total,
                       most_combinations);
    return static_cast<std::uint64_t>(total);
  }

  /// False for the repetitions of a configuration that differ in inactive parameters only.
  bool decode(std::uint64_t index, Config& config) {
    for (std::size_t i = space_.size(); i-- > 0;) {
      const Axis& axis = space_.axis(i);
      const std::uint64_t n = count(axis, points_);
      digits_[i] = index % n;
      index /= n;
      const auto digit = static_cast<double>(digits_[i]);
      if (axis.continuous()) {
        values_[i] = axis.at(n == 1 ? 0.5 : digit / static_cast<double>(n - 1));
      } else {
        values_[i] = axis.value(static_cast<std::int64_t>(digits_[i]));
      }
    }
    config = space_.select(values_);
    auto item = config.begin();
    for (std::size_t i = 0; i < space_.size(); ++i) {
      const bool active = item != config.end() && item->first == space_.parameters()[i].name;
      if (active) ++item;
      if (!active && digits_[i] != 0) return false;
    }
    return true;
  }

  const Space& space_;
  int points_;
  std::uint64_t total_;
  Shuffle order_;
  Seen seen_;
  std::uint64_t place_ = 0;
  int restarts_ = 0;
  std::vector<std::uint64_t> digits_;
  std::vector<Value> values_;
};

}  // namespace

std::unique_ptr<Sampler> make_grid(const SamplerContext& context) {
  Options options("sampler grid", context.options);
  const int points = options.integer("points", 0, options.has("points") ? 1 : 0, 10000);
  options.finish();
  return std::make_unique<Grid>(context, points);
}

}  // namespace vernier::search
