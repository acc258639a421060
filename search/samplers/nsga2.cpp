#include "search/samplers/nsga2.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/rng.h"
#include "search/draws.h"
#include "search/initial_design.h"
#include "search/options.h"
#include "search/pareto.h"
#include "search/standing.h"

namespace vernier::search {
namespace {

constexpr std::uint32_t child_stream = 40;
constexpr double mark = 7002;  // of a proposal's fit: (mark, generation)
constexpr double crossover = 0.9, crossover_index = 15, mutation_index = 20;
constexpr int attempts = 100;

int default_population(int budget) { return budget <= 0 ? 50 : std::clamp(budget / 20, 10, 100); }

class Nsga2 final : public Sampler {
 public:
  explicit Nsga2(const SamplerContext& context)
      : space_(*context.space),
        seed_(context.seed),
        objectives_(static_cast<std::size_t>(context.objectives)),
        options_("sampler nsga2", context.options),
        population_(static_cast<std::size_t>(
            options_.integer("population", default_population(context.budget), 2, 100000))),
        design_(space_, seed_, static_cast<int>(population_)),
        seen_(space_) {
    options_.finish();
  }

  std::optional<Proposal> propose(const History& history) override {
    const int generation = follow(history);
    if (generation > 0 && parents_.size() >= 2) {
      if (auto config = child(history))
        return Proposal{std::move(*config), {mark, static_cast<double>(generation)}};
    }
    auto config = design_.propose(history);
    if (!config) return std::nullopt;
    return Proposal{std::move(*config), {mark, static_cast<double>(generation)}};
  }

 private:
  struct Parent {
    int number = 0;
    std::vector<double> unit, values;
    int front = 0;
    double distance = 0;
  };

  /// Trials that have ended, by generation.
  struct Tally {
    std::vector<std::size_t> ended;
    void add(int generation, bool over) {
      const auto g = static_cast<std::size_t>(generation);
      if (ended.size() <= g) ended.resize(g + 1, 0);
      ended[g] += over;
    }
    int last() const { return std::max(static_cast<int>(ended.size()) - 1, 0); }
    std::size_t ended_of(int generation) const {
      const auto g = static_cast<std::size_t>(generation);
      return g < ended.size() ? ended[g] : 0;
    }
  };
  struct Prefix {
    std::size_t size = 0;
    int last = 0;  // its last number
    Tally tally;
  };

  static int generation_of(const Observation& trial) {
    const bool ours = trial.fit.size() == 2 && trial.fit[0] == mark && trial.fit[1] >= 0;
    return ours ? static_cast<int>(std::min(trial.fit[1], 1e7)) : 0;
  }

  /// Empty: without result.
  std::vector<double> values_of(const Observation& trial) const {
    if (!has_result(trial)) return {};
    if (objectives_ == 1) return {standing(trial).second};
    if (trial.values.size() != objectives_) return {};
    for (const double value : trial.values)
      if (!std::isfinite(value)) return {};
    return trial.values;
  }

  /// Brings the parents up to the history; the generation of the next proposal. Trials up to the first pending one are looked at once,
  /// as their results stay: long histories cost no more than short ones.
  int follow(const History& history) {
    if (!continued_by(history)) prefix_ = Prefix();
    Tally tally = prefix_.tally;
    bool settled = true;
    for (std::size_t i = prefix_.size; i < history.trials.size(); ++i) {
      const Observation& trial = history.trials[i];
      settled = settled && trial.outcome != Outcome::pending;
      tally.add(generation_of(trial), trial.outcome != Outcome::pending);
      if (!settled) continue;
      prefix_.tally = tally;
      prefix_.size = i + 1;
      prefix_.last = trial.number;
    }
    const int next = tally.ended_of(tally.last()) >= population_ ? tally.last() + 1 : tally.last();
    std::size_t ended = 0;
    for (int generation = 0; generation < next; ++generation) ended += tally.ended_of(generation);
    // Under a strategy with rungs, results change from one history to the next.
    const bool rungs = !history.trials.empty() && history.trials.front().rung > 0;
    if (next != generation_ || ended != ended_ || rungs) rebuild(history, next);
    generation_ = next;
    ended_ = ended;
    return next;
  }

  bool continued_by(const History& history) const {
    if (history.trials.size() < prefix_.size) return false;
    return prefix_.size == 0 || history.trials[prefix_.size - 1].number == prefix_.last;
  }

  /// From the first generation where anything but the next one has changed.
  void rebuild(const History& history, int next) {
    std::vector<std::vector<const Observation*>> by_generation(static_cast<std::size_t>(next));
    for (const Observation& trial : history.trials) {
      const int generation = generation_of(trial);
      if (generation < next) by_generation[static_cast<std::size_t>(generation)].push_back(&trial);
    }
    parents_.clear();
    for (const auto& trials : by_generation) {
      for (const Observation* trial : trials) {
        Parent candidate;
        candidate.number = trial->number;
        candidate.values = values_of(*trial);
        if (candidate.values.empty()) continue;
        try {
          candidate.unit = space_.to_unit(space_.canonical(trial->config));
        } catch (const UsageError&) {  // from before the space changed
          continue;
        }
        parents_.push_back(std::move(candidate));
      }
      select();
    }
  }

  void select() {
    std::vector<std::vector<double>> values;
    for (const Parent& parent : parents_) values.push_back(parent.values);
    std::vector<Parent> kept;
    for (const std::size_t i : survivors(values, population_))
      kept.push_back(std::move(parents_[i]));
    parents_ = std::move(kept);
    values.clear();
    for (const Parent& parent : parents_) values.push_back(parent.values);
    const std::vector<int> front = fronts(values);
    for (int level = 0, left = static_cast<int>(parents_.size()); left > 0; ++level) {
      std::vector<std::size_t> members;
      std::vector<std::vector<double>> own;
      for (std::size_t i = 0; i < parents_.size(); ++i)
        if (front[i] == level) members.push_back(i), own.push_back(values[i]);
      const std::vector<double> distance = crowding(own);
      for (std::size_t i = 0; i < members.size(); ++i) {
        parents_[members[i]].front = level;
        parents_[members[i]].distance = distance[i];
      }
      left -= static_cast<int>(members.size());
    }
  }

  const Parent& winner(Rng& rng) const {
    const Parent& a = parents_[rng.below(parents_.size())];
    const Parent& b = parents_[rng.below(parents_.size())];
    if (a.front != b.front) return a.front < b.front ? a : b;
    return a.distance >= b.distance ? a : b;
  }

  std::optional<Config> child(const History& history) {
    seen_.update(history);
    Rng rng({seed_, Stream::sampler, child_stream},
            static_cast<std::uint32_t>(next_number(history)));
    std::vector<double> unit(space_.size());
    for (int attempt = 0; attempt < attempts; ++attempt) {
      const Parent& a = winner(rng);
      const Parent& b = winner(rng);
      const bool cross = rng.uniform() < crossover;
      for (std::size_t j = 0; j < unit.size(); ++j)
        unit[j] = gene(j, a.unit[j], b.unit[j], cross, rng);
      Config config = space_.from_unit(unit);
      if (space_.satisfies(config) && !seen_.contains(config)) return config;
    }
    return std::nullopt;
  }

  double gene(std::size_t j, double a, double b, bool cross, Rng& rng) const {
    const double fresh = space_.axis(j).from_uniform(rng.uniform()), swap = rng.uniform(),
                 spread = rng.uniform(), chance = rng.uniform(), change = rng.uniform();
    if (std::isnan(a)) a = std::isnan(b) ? fresh : b;  // inactive there
    if (std::isnan(b)) b = a;
    const Kind kind = space_.parameters()[j].kind;
    const bool category =
        kind == Kind::categorical || kind == Kind::bool_ || kind == Kind::constant;
    const bool mutates = chance * static_cast<double>(space_.size()) < 1;
    if (category) return mutates ? fresh : cross && swap < 0.5 ? b : a;
    double u = a;
    if (cross && swap < 0.5) u = crossed(a, b, spread);
    if (cross && swap < 0.25) u = a + b - u;  // the other child
    u = std::clamp(u, 0.0, 1.0);
    return mutates ? mutated(u, change) : u;
  }

  static double crossed(double a, double b, double u) {
    const double power = 1 / (crossover_index + 1);
    const double beta = u <= 0.5 ? std::pow(2 * u, power) : std::pow(2 * (1 - u), -power);
    return ((1 + beta) * a + (1 - beta) * b) / 2;
  }

  /// Bounded polynomial mutation on [0, 1].
  static double mutated(double x, double u) {
    const double power = 1 / (mutation_index + 1);
    double by;
    if (u < 0.5) {
      by = std::pow(2 * u + (1 - 2 * u) * std::pow(1 - x, mutation_index + 1), power) - 1;
    } else {
      by = 1 - std::pow(2 * (1 - u) + (2 * u - 1) * std::pow(x, mutation_index + 1), power);
    }
    return std::clamp(x + by, 0.0, 1.0);
  }

  const Space& space_;
  std::uint64_t seed_;
  std::size_t objectives_;
  Options options_;
  std::size_t population_;
  InitialDesign design_;
  Seen seen_;
  int generation_ = -1;
  std::size_t ended_ = 0;
  Prefix prefix_;
  std::vector<Parent> parents_;  // of generation_
};

}  // namespace

std::unique_ptr<Sampler> make_nsga2(const SamplerContext& context) {
  return std::make_unique<Nsga2>(context);
}

}  // namespace vernier::search
