// A study whose claim's plots can be computed on paper: optimizers by learning rate and depth, over seeds.
#pragma once
#include <utility>

#include "reports/claim_plots/claim_plot.h"
#include "tests/reports/study.h"

namespace vernier::reports::test {

/// `claim` as a study file has it, over `{opt, lr, seed}`.
inline StudyData claim_study(const Json& claim) {
  auto data = study();
  data.study.params = {{"opt", "categorical", {{"choices", {"sgd", "momentum", "adam"}}}},
                       {"lr", "float", {{"low", 0.01}, {"high", 1.0}, {"scale", "log"}}},
                       {"train.seed", "ordinal", {{"choices", {1, 2, 3}}}}};
  Json spec{{"arms", "opt"}, {"better", "momentum"}, {"than", "sgd"}, {"others", "best"}};
  if (claim.is_object()) spec.update(claim);
  data.study.spec = {{"claim", spec}};
  return data;
}

inline store::TrialRecord& add_run(StudyData& data, const std::string& opt, double lr, int seed,
                                   std::optional<double> value, std::vector<double> curve = {}) {
  auto& trial =
      add(data, value ? store::State::completed : store::State::diverged, value, std::move(curve));
  trial.config.set("opt", opt);
  trial.config.set("lr", lr);
  trial.config.set("train.seed", std::int64_t{seed});
  if (trial.steps > 0) trial.best_step = trial.steps;
  return trial;
}

/// Both arms at lr 0.1 and 1 over three seeds: sgd 1, 2, 3 and 4, 5, 6; momentum 2, 3, 4 and 1, 1, 10.
inline StudyData claim_study_of_twelve(const Json& claim) {
  auto data = claim_study(claim);
  const double sgd[] = {1, 2, 3, 4, 5, 6}, momentum[] = {2, 3, 4, 1, 1, 10};
  for (int seed = 1; seed <= 3; ++seed) {
    for (const bool fast : {false, true}) {
      const int i = seed - 1 + 3 * fast;
      add_run(data, "sgd", fast ? 1 : 0.1, seed, sgd[i]);
      add_run(data, "momentum", fast ? 1 : 0.1, seed, momentum[i]);
    }
  }
  return data;
}

/// The plot's input, with what it refers to.
struct Judged {
  explicit Judged(StudyData data) : studies{std::move(data)}, claim(judge_claims(studies).at(0)) {}
  ClaimPlotInput input() const { return {claim, studies, false, 256'000, {}}; }
  std::vector<StudyData> studies;
  Claim claim;
};

}  // namespace vernier::reports::test
