#include "search/samplers/gp.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/rng.h"
#include "search/draws.h"
#include "search/gp/asides.h"
#include "search/gp/finite.h"
#include "search/gp/landscape.h"
#include "search/gp/optimise.h"
#include "search/gp/results.h"
#include "search/gp/rows.h"
#include "search/gp/surrogate.h"
#include "search/gp/weighting.h"
#include "search/initial_design.h"
#include "search/options.h"

namespace vernier::search {
namespace {

using namespace gp;

constexpr std::uint32_t sobol_stream = 17, path_stream = 18;
constexpr std::size_t incumbents = 5;
constexpr int most_objectives = 4;
constexpr double deviations = 2.2;  // of the optimistic bound, see gp/README.md
constexpr double bold = 2;          // see gp/README.md, several objectives

class GpSampler final : public Sampler {
 public:
  explicit GpSampler(const SamplerContext& context)
      : space_(*context.space),
        seed_(context.seed),
        objectives_(context.objectives),
        design_(space_, seed_),
        seen_(space_),
        embedding_(space_),
        activity_(space_, embedding_),
        sobol_(space_.size(), sobol_seed()),
        limits_(static_cast<std::size_t>(context.limits)),
        rows_(embedding_),
        finite_(space_, embedding_) {
    Options options("sampler gp", context.options);
    const std::string per = options.choice("per", "trial", {"trial", "flop", "second"});
    cost_ = per == "flop" ? Cost::flop : per == "second" ? Cost::second : Cost::none;
    initial_ = options.integer("initial", design_.size(), 1, 1000000);
    fantasies_ = options.integer("fantasies", 0, 0, 1024);
    acquisition_ = options.choice("acquisition", "auto", {"auto", "logei", "ucb", "thompson"});
    trust_region_ = options.choice("region", "everywhere", {"everywhere", "trust"}) == "trust";
    options.finish();
    if (trust_region_ && objectives_ > 1)
      fail<UsageError>("[sampler gp.region] trust with {} objectives; expected everywhere",
                       objectives_);
    if (objectives_ > most_objectives)
      fail<UsageError>("[sampler gp] {} objectives; expected at most {} (nsga2 has no limit)",
                       objectives_, most_objectives);
    if (objectives_ > 1 && !improves())
      fail<UsageError>("[sampler gp.acquisition] {} with {} objectives; expected logei",
                       acquisition_, objectives_);
    if (cost_ != Cost::none && !improves())
      fail<UsageError>("[sampler gp.per] {} with acquisition {}; expected logei", per,
                       acquisition_);
    const int objectives = std::max(objectives_, 1);
    asides_.emplace(embedding_, seed_, objectives, context.limits + (cost_ != Cost::none));
    surrogate_.emplace(embedding_, seed_, objectives, asides_->place_of_objectives());
    if (fantasies_ > 0 && (objectives_ > 1 || !improves()))
      fail<UsageError>("[sampler gp.fantasies] found {}; expected 0 but for logei of one objective",
                       fantasies_);
  }

  std::optional<Proposal> propose(const History& history) override {
    if (auto proposal = from_model(history)) return proposal;
    auto config = design_.propose(history);
    if (!config) return std::nullopt;
    return Proposal{std::move(*config), {}};
  }

 private:
  /// By log EI, or log EHVI, unless there are rungs.
  bool improves() const { return acquisition_ == "auto" || acquisition_ == "logei"; }

  std::uint64_t sobol_seed() const {
    const Philox4 bits = random_block({seed_, Stream::sampler, sobol_stream}, 0, 0);
    return std::uint64_t{bits.v[0]} << 32 | bits.v[1];
  }

  /// nullopt: too early, or the model cannot be computed, or it met no new configuration.
  std::optional<Proposal> from_model(const History& history) {
    if (static_cast<int>(history.trials.size()) < initial_ || embedding_.dimensions() == 0)
      return std::nullopt;
    const Results results = collect_results(history, embedding_.dimensions() + 2, objectives_);
    if (results.successes < 2) return std::nullopt;
    best_values_.clear();
    for (std::size_t i = static_cast<std::size_t>(initial_);
         trust_region_ && i < results.values.size(); ++i)
      if (results.known[i])
        best_values_.push_back(results.values[i].empty() ? HUGE_VAL : results.values[i][0]);
    rows_.update(history, results, objectives_);
    if (rows_.successes() < 2) return std::nullopt;
    if (!surrogate_->update(history, rows_, results.count, fantasies_)) return std::nullopt;
    explores_ = limits_ == 0 && cost_ == Cost::none && fantasies_ == 0 &&
                std::any_of(history.trials.begin(), history.trials.end(),
                            [](const Observation& trial) { return trial.rung > 0; });
    update_asides(history);
    auto config = maximise_acquisition(history);
    if (!config) return std::nullopt;
    return Proposal{std::move(*config), asides_->fits_after(surrogate_->new_fit())};
  }

  void update_asides(const History& history) {
    for (std::size_t k = 0; k < limits_; ++k)
      asides_->update(k, history, collect_margins(history, k));
    if (cost_ == Cost::none) return;
    const Costs costs = collect_costs(history, cost_);
    cost_scale_ = costs.deviation;
    asides_->update(limits_, history, costs.results);
  }

  Landscape weighted(Landscape base) const {
    std::vector<const Model*> margins;
    for (std::size_t k = 0; k < limits_; ++k)
      if (const Model* margin = asides_->model(k)) margins.push_back(margin);
    base = times_feasible(std::move(base), std::move(margins));
    const Model* log_cost = cost_ == Cost::none ? nullptr : asides_->model(limits_);
    return log_cost ? per_cost(std::move(base), log_cost, cost_scale_) : base;
  }

  Landscape landscape(std::uint32_t number) const {
    if (objectives_ > 1)
      return hypervolume_landscape(*surrogate_, rows_, number % 2 == 0 ? bold : 1);
    if (acquisition_ == "ucb" || (acquisition_ == "auto" && explores_))
      return bound_landscape(*surrogate_, deviations);
    if (acquisition_ != "thompson") return improvement_landscape(*surrogate_, rows_);
    Rng rng({seed_, Stream::sampler, path_stream}, number);
    return thompson_landscape(*surrogate_, rows_, rng);
  }

  /// The best trials by the model.
  std::vector<Point> promising() const {
    if (objectives_ == 1)
      return rows_.incumbents(surrogate_->model().row_means().rowwise().mean(), incumbents);
    Matrix means(rows_.y().rows(), objectives_);
    for (int k = 0; k < objectives_; ++k) means.col(k) = surrogate_->model(k).row_means().col(0);
    std::vector<Point> out;
    for (const Eigen::Index row : rows_.front(means, 2 * incumbents))
      out.push_back(rows_.point(row));
    return out;
  }

  std::optional<Config> maximise_acquisition(const History& history) {
    seen_.update(history);
    SearchTask task;
    task.space = &space_;
    task.embedding = &embedding_;
    task.activity = &activity_;
    task.sobol = &sobol_;
    task.seed = seed_;
    task.number = static_cast<std::uint32_t>(next_number(history));
    task.lengthscales = surrogate_->lengthscales();
    task.incumbents = promising();
    if (trust_region_ && !task.incumbents.empty())
      task.region = make_region(embedding_, task.incumbents.front(), task.lengthscales,
                                region_side(best_values_, embedding_.dimensions()));
    task.jumps = objectives_ > 1;
    task.landscape = weighted(landscape(task.number));
    task.taken = [&](const Config& config) { return seen_.contains(config); };
    task.finite = finite_.finite();
    if (finite_.small()) return finite_.maximise(task);
    return maximise(task, settings_);
  }

  const Space& space_;
  std::uint64_t seed_;
  int objectives_;
  InitialDesign design_;
  int initial_ = 5, fantasies_ = 0;
  bool trust_region_ = false;
  bool explores_ = false;  // there are rungs, and nothing but the value matters
  std::string acquisition_;
  Seen seen_;
  Embedding embedding_;
  Activity activity_;
  ScrambledSobol sobol_;
  std::size_t limits_;  // of them are the first asides, what a trial costs the last
  Cost cost_ = Cost::none;
  double cost_scale_ = 1;
  std::optional<Asides> asides_;
  std::optional<Surrogate> surrogate_;
  Rows rows_;
  FiniteSpace finite_;
  SearchSettings settings_;
  std::vector<double> best_values_;  // of results past the initial design
};

}  // namespace

std::unique_ptr<Sampler> make_gp(const SamplerContext& context) {
  return std::make_unique<GpSampler>(context);
}

}  // namespace vernier::search
