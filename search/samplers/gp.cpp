#include "search/samplers/gp.h"

#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/rng.h"
#include "search/draws.h"
#include "search/gp/finite.h"
#include "search/gp/fit.h"
#include "search/gp/fit_record.h"
#include "search/gp/optimise.h"
#include "search/gp/results.h"
#include "search/gp/rows.h"
#include "search/initial_design.h"
#include "search/options.h"

namespace vernier::search {
namespace {

using namespace gp;

constexpr std::uint32_t start_stream = 16, sobol_stream = 17;
constexpr int multi_start_every = 5, more_starts = 3;
constexpr int first_evaluations = 60, warm_evaluations = 40;
constexpr std::size_t incumbents = 5;

class GpSampler final : public Sampler {
 public:
  explicit GpSampler(const SamplerContext& context)
      : space_(*context.space),
        seed_(context.seed),
        design_(space_, seed_),
        seen_(space_),
        embedding_(space_),
        activity_(space_, embedding_),
        sobol_(space_.size(), sobol_seed()),
        model_(embedding_.owner()),
        rows_(embedding_),
        finite_(space_, embedding_) {
    Options options("sampler gp", context.options);
    initial_ = options.integer("initial", design_.size(), 1, 1000000);
    options.finish();
    if (context.objectives > 1)
      fail<UsageError>("[sampler gp] {} objectives; expected one", context.objectives);
  }

  std::optional<Proposal> propose(const History& history) override {
    if (auto proposal = from_model(history)) return proposal;
    auto config = design_.propose(history);
    if (!config) return std::nullopt;
    return Proposal{std::move(*config), {}};
  }

 private:
  std::uint64_t sobol_seed() const {
    const Philox4 bits = random_block({seed_, Stream::sampler, sobol_stream}, 0, 0);
    return std::uint64_t{bits.v[0]} << 32 | bits.v[1];
  }

  /// nullopt: too early, or the model cannot be computed, or it met no new configuration.
  std::optional<Proposal> from_model(const History& history) {
    if (static_cast<int>(history.trials.size()) < initial_ || embedding_.dimensions() == 0)
      return std::nullopt;
    const Results results = collect_results(history, embedding_.dimensions() + 2);
    if (results.successes < 2) return std::nullopt;
    rows_.update(history, results);
    if (rows_.successes() < 2) return std::nullopt;

    Proposal proposal;
    std::optional<FitRecord> record = last_fit(history, embedding_.dimensions());
    if (!record || fit_is_due(record->results, results.count)) {
      record = fit(record, results.count);
      proposal.fit = encode(*record);
    }
    if (!model_.update(record->theta, record->rows, rows_.x(), rows_.y(), rows_.known()))
      return std::nullopt;
    auto config = maximise_acquisition(history, *record);
    if (!config) return std::nullopt;
    proposal.config = std::move(*config);
    return proposal;
  }

  FitRecord fit(const std::optional<FitRecord>& last, int results) {
    FitRecord record;
    record.ordinal = last ? last->ordinal + 1 : 0;
    record.rows = static_cast<int>(rows_.x().rows());
    record.results = results;
    const int d = embedding_.dimensions();
    std::vector<Vector> starts = {last ? last->theta : default_theta(d)};
    if (record.ordinal % multi_start_every == 0) {
      Rng rng({seed_, Stream::sampler, start_stream}, static_cast<std::uint32_t>(record.ordinal));
      for (int i = 0; i < more_starts; ++i) {
        Vector theta = default_theta(d);
        if (last && i == 0) {
          starts.push_back(theta);
          continue;
        }
        for (int j = 0; j < d; ++j) theta[j] += rng.normal();
        theta[d + 1] += 2 * rng.normal();
        starts.push_back(theta);
      }
    }
    record.theta = fit_map(rows_.fit_data(), starts, last ? warm_evaluations : first_evaluations);
    return record;
  }

  std::optional<Config> maximise_acquisition(const History& history, const FitRecord& record) {
    seen_.update(history);
    const double best = rows_.best_mean(model_.row_means());
    SearchTask task;
    task.space = &space_;
    task.embedding = &embedding_;
    task.activity = &activity_;
    task.sobol = &sobol_;
    task.seed = seed_;
    task.number = static_cast<std::uint32_t>(next_number(history));
    for (int i = 0; i < embedding_.dimensions(); ++i)
      task.lengthscales.push_back(std::exp(record.theta[i]));
    task.incumbents = rows_.incumbents(model_.row_means(), incumbents);
    task.evaluate = [&](const Matrix& points, bool gradients) {
      return log_expected_improvement(model_.predict(points, gradients), best);
    };
    task.screen = [&](const Eigen::MatrixXf& points) {
      Eigen::VectorXf mean, variance;
      model_.screen(points, mean, variance);
      return log_expected_improvement(mean, variance, best);
    };
    task.taken = [&](const Config& config) { return seen_.contains(config); };
    task.finite = finite_.finite();
    if (finite_.small()) return finite_.maximise(task);
    return maximise(task, settings_);
  }

  const Space& space_;
  std::uint64_t seed_;
  InitialDesign design_;
  int initial_ = 5;
  Seen seen_;
  Embedding embedding_;
  Activity activity_;
  ScrambledSobol sobol_;
  Model model_;
  Rows rows_;
  FiniteSpace finite_;
  SearchSettings settings_;
};

}  // namespace

std::unique_ptr<Sampler> make_gp(const SamplerContext& context) {
  return std::make_unique<GpSampler>(context);
}

}  // namespace vernier::search
