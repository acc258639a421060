#include "search/samplers/cmaes.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/rng.h"
#include "search/cma/state.h"
#include "search/draws.h"
#include "search/initial_design.h"
#include "search/options.h"
#include "search/standing.h"
#include "search/unit_rows.h"

namespace vernier::search {
namespace {

constexpr std::uint32_t draw_stream = 36, restart_stream = 37;
constexpr double mark =
    7001;  // of a proposal's fit: (mark, generation, k, k numbers, latent point)
constexpr int attempts = 100;
constexpr int large_budget = 400, small_population = 6;
constexpr double most_cells = 4096;  // finer steps count as continuous

class Cmaes final : public Sampler {
 public:
  explicit Cmaes(const SamplerContext& context)
      : space_(*context.space),
        seed_(context.seed),
        options_("sampler cmaes", context.options),
        initial_(options_.integer("initial", 10, 1, 1000000)),
        sigma_(options_.number("sigma", 0.12, 1e-6, 1)),
        population_(options_.integer(
            "population",
            context.budget > 0 && context.budget < large_budget ? small_population : 0,
            options_.has("population") ? 2 : 0, 100000)),
        design_(space_, seed_, initial_),
        seen_(space_),
        rows_(space_),
        state_(fresh()) {
    options_.finish();
    if (context.objectives > 1)
      fail<UsageError>("[sampler cmaes] {} objectives; expected one", context.objectives);
  }

  std::optional<Proposal> propose(const History& history) override {
    const auto& trials = history.trials;
    const bool any = std::any_of(trials.begin(), trials.end(), has_result);
    if (static_cast<int>(trials.size()) < initial_ || !any || space_.size() == 0) {
      auto config = design_.propose(history);
      if (!config) return std::nullopt;
      return Proposal{std::move(*config), {}};
    }
    seen_.update(history);
    rows_.update(history);
    std::vector<int> ranked_now = follow(history);
    return draw(history, ranked_now);
  }

 private:
  struct Turn {  // from one generation to the next
    std::vector<int> numbers;
    std::vector<std::pair<int, double>> standings;
    bool operator==(const Turn&) const = default;
  };

  cma::State fresh() {
    std::vector<cma::Dimension> dimensions;
    std::vector<std::vector<double>> shares;
    for (std::size_t j = 0; j < space_.size(); ++j) {
      const Axis& axis = space_.axis(j);
      const Kind kind = space_.parameters()[j].kind;
      if (kind == Kind::categorical || kind == Kind::bool_ || kind == Kind::constant) {
        categories_.push_back(j);
        std::vector<double> share;
        for (std::int64_t c = 0; static_cast<double>(c) < axis.count(); ++c) {
          const auto [low, high] = axis.cell(c);
          share.push_back((high - low) * axis.prior_density((low + high) / 2));
        }
        shares.push_back(std::move(share));
        continue;
      }
      ranges_.push_back(j);
      cma::Dimension dimension;
      if (!axis.continuous() && axis.count() <= most_cells) {
        for (std::int64_t c = 0; static_cast<double>(c) < axis.count(); ++c)
          dimension.edges.push_back(axis.cell(c).first);
        dimension.edges.push_back(1);
      }
      dimensions.push_back(std::move(dimension));
    }
    return cma::State(std::move(dimensions), std::move(shares), population_);
  }

  bool ours(const Observation& trial) const {
    const std::vector<double>& fit = trial.fit;
    return fit.size() >= 3 + space_.size() && fit[0] == mark && fit[2] >= 0 &&
           fit.size() == 3 + static_cast<std::size_t>(fit[2]) + space_.size() &&
           std::all_of(fit.begin(), fit.end(), [](double v) { return std::isfinite(v); });
  }

  /// Brings the state up to the history. The numbers by which it turned now: the next proposal stores them.
  std::vector<int> follow(const History& history) {
    std::vector<Turn> turns;
    std::vector<std::size_t> current;  // trials of the last generation
    int generation = -1;
    for (std::size_t i = 0; i < history.trials.size(); ++i) {
      const Observation& trial = history.trials[i];
      if (!ours(trial)) continue;
      const auto k = static_cast<std::size_t>(trial.fit[2]);
      if (k > 0) {
        std::vector<int> numbers;
        for (std::size_t j = 0; j < k; ++j) numbers.push_back(static_cast<int>(trial.fit[3 + j]));
        turns.push_back(turn(history, std::move(numbers)));
        generation = static_cast<int>(trial.fit[1]);
        current.clear();
      }
      if (static_cast<int>(trial.fit[1]) == generation) current.push_back(i);
    }
    catch_up(history, turns);
    std::vector<int> numbers;
    if (turns.empty()) {
      numbers = {best(history)};
    } else {
      for (const std::size_t i : current)
        if (history.trials[i].outcome != Outcome::pending || has_result(history.trials[i]))
          numbers.push_back(history.trials[i].number);
      if (static_cast<int>(numbers.size()) < state_.population()) return {};
      numbers.resize(static_cast<std::size_t>(state_.population()));
    }
    turns.push_back(turn(history, numbers));
    catch_up(history, turns);
    return numbers;
  }

  static std::size_t place_of(const History& history, int number) {
    const auto found =
        std::lower_bound(history.trials.begin(), history.trials.end(), number,
                         [](const Observation& trial, int n) { return trial.number < n; });
    return static_cast<std::size_t>(found - history.trials.begin());
  }

  static int best(const History& history) {
    const auto better = [](const Observation& a, const Observation& b) {
      return standing(a) < standing(b);
    };
    return std::min_element(history.trials.begin(), history.trials.end(), better)->number;
  }

  Turn turn(const History& history, std::vector<int> numbers) const {
    Turn out;
    for (const int number : numbers) {
      const std::size_t i = place_of(history, number);
      if (i >= history.trials.size() || !rows_.inside(i)) continue;
      out.numbers.push_back(history.trials[i].number);
      out.standings.push_back(standing(history.trials[i]));
    }
    return out;
  }

  void catch_up(const History& history, const std::vector<Turn>& turns) {
    const bool same =
        turns_.size() <= turns.size() && std::equal(turns_.begin(), turns_.end(), turns.begin());
    if (!same) {
      turns_.clear();
      restarts_ = 0;
      categories_.clear();
      ranges_.clear();
      state_ = fresh();
    }
    while (turns_.size() < turns.size()) {
      apply(history, turns[turns_.size()]);
      turns_.push_back(turns[turns_.size()]);
    }
  }

  void apply(const History& history, const Turn& turn) {
    std::vector<std::pair<std::pair<int, double>, int>> order;
    for (std::size_t i = 0; i < turn.numbers.size(); ++i)
      order.emplace_back(turn.standings[i], turn.numbers[i]);
    std::sort(order.begin(), order.end());
    std::vector<cma::Point> ranked;
    for (const auto& [value, number] : order)
      ranked.push_back(latent(history, place_of(history, number)));
    if (turns_.empty()) {
      state_.begin(ranked.empty() ? centre() : ranked.front(), sigma_);
      return;
    }
    if (ranked.size() >= 2) state_.update(ranked);
    if (!state_.converged()) return;
    state_.grow();
    Rng rng({seed_, Stream::sampler, restart_stream}, static_cast<std::uint32_t>(++restarts_));
    cma::Point start = centre();
    for (Eigen::Index i = 0; i < start.x.size(); ++i) start.x[i] = rng.uniform();
    state_.begin(start, sigma_);
  }

  cma::Point centre() const { return point(space_.centre()); }

  cma::Point point(const std::vector<double>& unit) const {
    cma::Point p;
    p.x.resize(static_cast<Eigen::Index>(ranges_.size()));
    for (std::size_t i = 0; i < ranges_.size(); ++i) {
      const double u = unit[ranges_[i]];
      p.x[static_cast<Eigen::Index>(i)] = std::isnan(u) ? space_.axis(ranges_[i]).centre() : u;
    }
    for (const std::size_t j : categories_) {
      const double u = std::isnan(unit[j]) ? space_.axis(j).centre() : unit[j];
      p.choices.push_back(static_cast<std::size_t>(*space_.axis(j).index(space_.axis(j).at(u))));
    }
    return p;
  }

  /// As it was drawn; of a trial of other origin, the point of its configuration.
  cma::Point latent(const History& history, std::size_t i) const {
    const Observation& trial = history.trials[i];
    if (!ours(trial)) return point(rows_.row(i));
    return point(std::vector<double>(trial.fit.end() - static_cast<std::ptrdiff_t>(space_.size()),
                                     trial.fit.end()));
  }

  std::vector<double> unit_of(const cma::Point& p) const {
    std::vector<double> unit(space_.size());
    for (std::size_t i = 0; i < ranges_.size(); ++i)
      unit[ranges_[i]] = p.x[static_cast<Eigen::Index>(i)];
    for (std::size_t k = 0; k < categories_.size(); ++k) {
      const Axis& axis = space_.axis(categories_[k]);
      unit[categories_[k]] = *axis.unit(axis.value(static_cast<std::int64_t>(p.choices[k])));
    }
    return unit;
  }

  std::optional<Proposal> draw(const History& history, const std::vector<int>& numbers) {
    const int number = next_number(history);
    Rng rng({seed_, Stream::sampler, draw_stream}, static_cast<std::uint32_t>(number));
    Proposal proposal;
    std::vector<double> unit;
    for (int attempt = 0; attempt < attempts; ++attempt) {
      unit = unit_of(state_.draw(rng));
      proposal.config = space_.from_unit(unit);
      if (space_.satisfies(proposal.config) && !seen_.contains(proposal.config)) break;
      unit.clear();
    }
    if (unit.empty()) {  // nothing new where it searches
      auto config = design_.propose(history);
      if (!config) return std::nullopt;
      proposal.config = std::move(*config);
      unit = space_.to_unit(proposal.config);
      for (std::size_t j = 0; j < unit.size(); ++j)
        if (std::isnan(unit[j])) unit[j] = space_.axis(j).centre();
    }
    proposal.fit = {mark, static_cast<double>(turns_.size()), static_cast<double>(numbers.size())};
    proposal.fit.insert(proposal.fit.end(), numbers.begin(), numbers.end());
    proposal.fit.insert(proposal.fit.end(), unit.begin(), unit.end());
    return proposal;
  }

  const Space& space_;
  std::uint64_t seed_;
  Options options_;
  int initial_;
  double sigma_;
  int population_;
  InitialDesign design_;
  Seen seen_;
  UnitRows rows_;
  std::vector<std::size_t> ranges_, categories_;
  cma::State state_;
  std::vector<Turn> turns_;
  int restarts_ = 0;
};

}  // namespace

std::unique_ptr<Sampler> make_cmaes(const SamplerContext& context) {
  return std::make_unique<Cmaes>(context);
}

}  // namespace vernier::search
