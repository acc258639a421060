#include "search/warm_start.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "core/stats.h"
#include "search/importance/surrogate.h"

namespace vernier::search {
namespace {

constexpr const char* study_parameter = "(study)";
constexpr const char* this_study = "this";
constexpr double share_of_others = 1e-6;  // of random draws
constexpr std::size_t most_trials = 200, best_trials = 100;

std::string name_of(std::size_t study) { return fmt::format("earlier {}", study + 1); }

Space with_study(const Space& space, std::size_t earlier) {
  std::vector<Parameter> parameters = space.parameters();
  Parameter study;
  study.name = study_parameter;
  study.kind = Kind::categorical;
  study.choices = {std::string(this_study)};
  for (std::size_t s = 0; s < earlier; ++s) study.choices.emplace_back(name_of(s));
  study.weights.assign(earlier + 1, share_of_others / static_cast<double>(earlier));
  study.weights.front() = 1 - share_of_others;
  parameters.push_back(std::move(study));
  std::vector<std::string> constraints = space.constraints();
  constraints.push_back(fmt::format("`{}` = '{}'", study_parameter, this_study));
  return Space(std::move(parameters), std::move(constraints));
}

Config marked(const Config& config, const std::string& study) {
  Config out = config;
  out.set(study_parameter, study);
  return out;
}

/// The 100 best and an even choice of the rest, in the order they came.
EarlierStudy chosen(const EarlierStudy& all) {
  if (all.values.size() <= most_trials) return all;
  std::vector<std::size_t> order(all.values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return all.values[a] < all.values[b]; });
  std::vector<std::size_t> kept(order.begin(), order.begin() + best_trials);
  const std::size_t rest = order.size() - best_trials, wanted = most_trials - best_trials;
  for (std::size_t i = 0; i < wanted; ++i) kept.push_back(order[best_trials + i * rest / wanted]);
  std::sort(kept.begin(), kept.end());
  EarlierStudy out;
  for (const std::size_t i : kept) {
    out.configs.push_back(all.configs[i]);
    out.values.push_back(all.values[i]);
  }
  return out;
}

/// The trials with a positive value, by its logarithm.
EarlierStudy logarithmic(const EarlierStudy& study) {
  EarlierStudy out;
  for (std::size_t i = 0; i < study.values.size(); ++i) {
    if (!(study.values[i] > 0)) continue;
    out.configs.push_back(study.configs[i]);
    out.values.push_back(std::log(study.values[i]));
  }
  return out;
}

class WarmStarted final : public Sampler {
 public:
  WarmStarted(const std::function<std::unique_ptr<Sampler>(const SamplerContext&)>& make,
              const SamplerContext& context)
      : outer_(*context.space), space_(with_study(*context.space, context.earlier.size())) {
    for (const EarlierStudy& study : context.earlier) studies_.push_back(chosen(study));
    SamplerContext inner = context;
    inner.earlier.clear();
    inner.space = &space_;
    sampler_ = make(inner);
  }

  std::optional<Proposal> propose(const History& history) override {
    History all;
    const std::vector<Evidence>& earlier = evidence(history.logarithms);
    int number = 1;
    for (const Evidence& evidence : earlier)
      number -= static_cast<int>(evidence.study.values.size());
    for (std::size_t s = 0; s < earlier.size(); ++s) {
      const EarlierStudy& study = earlier[s].study;
      const double level = level_of(earlier[s], history);
      for (std::size_t i = 0; i < study.values.size(); ++i) {
        Observation seen;
        seen.number = number++;
        seen.config = marked(study.configs[i], name_of(s));
        seen.outcome = Outcome::completed;
        seen.value = study.values[i] + level;
        seen.steps = steps_of(history);
        all.trials.push_back(std::move(seen));
      }
    }
    for (Observation seen : history.trials) {
      seen.config = marked(seen.config, this_study);
      all.trials.push_back(std::move(seen));
    }
    auto proposal = sampler_->propose(all);
    if (!proposal) return std::nullopt;
    Config own;
    for (const auto& [name, value] : proposal->config)
      if (name != study_parameter) own.set(name, value);
    proposal->config = std::move(own);
    return proposal;
  }

 private:
  struct Evidence {
    EarlierStudy study;
    std::function<double(const Config&)> foretold;  // empty: too little to foretell from
  };
  /// As the results of this study are shown; made where it is first asked for.
  const std::vector<Evidence>& evidence(bool logarithms) {
    std::vector<Evidence>& out = evidence_[logarithms];
    for (std::size_t s = out.size(); s < studies_.size(); ++s) {
      Evidence made{logarithms ? logarithmic(studies_[s]) : studies_[s], {}};
      made.foretold = foreteller(outer_, made.study.configs, made.study.values);
      out.push_back(std::move(made));
    }
    return out;
  }
  /// How much higher this study's results lie than the earlier one foretells.
  static double level_of(const Evidence& evidence, const History& history) {
    if (!evidence.foretold) return 0;
    std::vector<double> residuals;
    for (const Observation& seen : history.trials) {
      if (seen.outcome != Outcome::completed || !seen.value) continue;
      const double residual = *seen.value - evidence.foretold(seen.config);
      if (std::isfinite(residual)) residuals.push_back(residual);
    }
    const auto n = static_cast<double>(residuals.size());
    return residuals.empty() ? 0 : median(residuals) * n / (n + 1);
  }
  /// Full trainings, as this study's own.
  static int steps_of(const History& history) {
    int steps = 1;
    for (const Observation& seen : history.trials)
      if (seen.outcome == Outcome::completed) steps = std::max(steps, seen.steps);
    return steps;
  }

  const Space& outer_;
  Space space_;
  std::vector<EarlierStudy> studies_;
  std::vector<Evidence> evidence_[2];  // as they are, and as logarithms
  std::unique_ptr<Sampler> sampler_;
};

}  // namespace

std::unique_ptr<Sampler> warm_started(
    const std::string& sampler,
    const std::function<std::unique_ptr<Sampler>(const SamplerContext&)>& make,
    const SamplerContext& context) {
  if (sampler != "gp")
    fail<UsageError>("[warm_start] sampler {}; expected gp, which can weigh earlier studies",
                     sampler);
  if (context.objectives > 1)
    fail<UsageError>("[warm_start] {} objectives; expected one", context.objectives);
  return std::make_unique<WarmStarted>(make, context);
}

}  // namespace vernier::search
