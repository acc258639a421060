#include "search/samplers/tpe.h"

#include <cmath>
#include <map>
#include <numeric>

#include "core/error.h"
#include "core/rng.h"
#include "search/draws.h"
#include "search/initial_design.h"
#include "search/options.h"
#include "search/tpe/parzen.h"
#include "search/tpe/split.h"
#include "search/unit_rows.h"

namespace vernier::search {
namespace {

constexpr std::uint32_t draw_stream = 32;
constexpr int attempts = 40;

class Tpe final : public Sampler {
 public:
  explicit Tpe(const SamplerContext& context)
      : space_(*context.space),
        seed_(context.seed),
        options_("sampler tpe", context.options),
        initial_(options_.integer("initial", 10, 1, 1000000)),
        candidates_(options_.integer("candidates", 24, 1, 1000000)),
        design_(space_, seed_, initial_),
        seen_(space_),
        rows_(space_) {
    options_.finish();
    if (context.objectives > 1)
      fail<UsageError>("[sampler tpe] {} objectives; expected one", context.objectives);
  }

  std::optional<Proposal> propose(const History& history) override {
    if (static_cast<int>(history.trials.size()) >= initial_)
      if (auto config = from_densities(history)) return Proposal{std::move(*config), {}};
    auto config = design_.propose(history);
    if (!config) return std::nullopt;
    return Proposal{std::move(*config), {}};
  }

 private:
  struct Group {
    std::vector<std::size_t> parameters;
    std::optional<tpe::Parzen> good, bad;
  };

  std::optional<Config> from_densities(const History& history) {
    const tpe::Split split = tpe::split(history);
    if (split.good.empty()) return std::nullopt;
    seen_.update(history);
    rows_.update(history);
    std::vector<Group> groups = group_parameters();
    for (Group& group : groups) {
      group.good.emplace(space_, group.parameters, active(split.good, group.parameters.front()));
      group.bad.emplace(space_, group.parameters, active(split.bad, group.parameters.front()));
    }
    Rng rng({seed_, Stream::sampler, draw_stream},
            static_cast<std::uint32_t>(next_number(history)));
    const double faith = initial_ / static_cast<double>(history.trials.size());
    for (int attempt = 0; attempt < attempts; ++attempt) {
      std::vector<double> unit(space_.size(), 0.5), trial = unit;
      for (const Group& group : groups) {
        double best = -HUGE_VAL;
        for (int k = 0; k < candidates_; ++k) {
          group.good->draw(rng, trial);
          double score = group.good->log_density(trial) - group.bad->log_density(trial);
          for (const std::size_t j : group.parameters)
            score += faith * std::log(space_.axis(j).prior_density(trial[j]));
          if (!(score > best)) continue;
          best = score;
          for (const std::size_t j : group.parameters) unit[j] = trial[j];
        }
      }
      Config config = space_.from_unit(unit);
      if (space_.satisfies(config) && !seen_.contains(config)) return config;
    }
    return std::nullopt;
  }

  /// Parameters that have been active in the same trials belong together.
  std::vector<Group> group_parameters() const {
    std::map<std::vector<bool>, std::size_t> known;
    std::vector<Group> groups;
    for (std::size_t j = 0; j < space_.size(); ++j) {
      std::vector<bool> pattern;
      for (std::size_t i = 0; i < rows_.size(); ++i)
        pattern.push_back(rows_.inside(i) && !std::isnan(rows_.row(i)[j]));
      const auto [found, fresh] = known.emplace(std::move(pattern), groups.size());
      if (fresh) groups.emplace_back();
      groups[found->second].parameters.push_back(j);
    }
    return groups;
  }

  std::vector<const std::vector<double>*> active(const std::vector<std::size_t>& trials,
                                                 std::size_t parameter) const {
    std::vector<const std::vector<double>*> rows;
    for (const std::size_t i : trials)
      if (rows_.inside(i) && !std::isnan(rows_.row(i)[parameter])) rows.push_back(&rows_.row(i));
    return rows;
  }

  const Space& space_;
  std::uint64_t seed_;
  Options options_;
  int initial_, candidates_;
  InitialDesign design_;
  Seen seen_;
  UnitRows rows_;
};

}  // namespace

std::unique_ptr<Sampler> make_tpe(const SamplerContext& context) {
  return std::make_unique<Tpe>(context);
}

}  // namespace vernier::search
