// Random studies and claims against a reference that works the slow way: for every two values of what pairs, over all trials.
#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <set>

#include "core/rng.h"
#include "core/stats.h"
#include "reports/analysis/claim.h"
#include "tests/reports/study.h"

using namespace vernier;
using namespace vernier::reports;

namespace {

/// One trial as the reference sees it, drawn from few values so that everything happens often.
struct Plain {
  int study = 0, act = 0, seed = 0, lr = 0, shift = 0;
  store::State state = store::State::completed;
  std::optional<double> objective, loss;
  int steps = 0;
  bool gpu = false;
};

enum class Arms { act, sampler, device };
enum class Metric { objective, loss, gap, rate, steps };

struct Question {
  Arms arms = Arms::act;
  Metric metric = Metric::objective;
  bool maximize = true, study_maximize = true;
  bool by_seed = true;  // pair: train.seed, else the default of arms
  Others others = Others::each;
  int only_lr = -1;  // where: train.lr = ...
  bool relative = false;
  double margin = 0;
  std::optional<double> within;
};

constexpr std::array<double, 3> rates{0.01, 0.1, 1.0};
constexpr std::array<const char*, 3> acts{"relu", "tanh", "gelu"};

bool ended(const Plain& trial) {
  switch (trial.state) {
    case store::State::completed:
    case store::State::stopped:
    case store::State::failed:
    case store::State::diverged:
      return true;
    default:
      return false;
  }
}

std::optional<double> value_of(const Plain& trial, Metric metric) {
  const bool counts =
      (trial.state == store::State::completed || trial.state == store::State::stopped) &&
      trial.objective;
  if (!counts) return std::nullopt;
  switch (metric) {
    case Metric::objective:
      return trial.objective;
    case Metric::loss:
      return trial.loss;
    case Metric::gap:
      if (!trial.loss) return std::nullopt;
      return *trial.objective - *trial.loss;
    case Metric::rate:
      return std::log10(rates[static_cast<std::size_t>(trial.lr)]);
    default:
      return trial.steps;
  }
}

/// 1: the better arm, 0: the other, -1: neither.
int arm_of(const Plain& trial, Arms arms) {
  if (arms == Arms::act) return trial.act == 0 ? 1 : trial.act == 1 ? 0 : -1;
  if (arms == Arms::sampler) return trial.study < 2 ? 1 : 0;
  return trial.gpu ? 1 : 0;
}

struct Answer {
  std::vector<double> differences;
  int lost_better = 0, lost_than = 0, lost_both = 0, unpaired = 0;
};

/// Studies 0 and 1 are of one sampler, 2 and 3 of the other; 0 and 2 have seed 0, 1 and 3 seed 1. Claims on `act` are study 0's.
Answer reference(const std::vector<Plain>& trials, const Question& q) {
  const bool over_studies = q.arms != Arms::act;
  std::vector<std::pair<const Plain*, std::optional<double>>> used;
  for (const Plain& trial : trials) {
    if (!ended(trial) || (!over_studies && trial.study != 0)) continue;
    if (q.only_lr >= 0 && trial.lr != q.only_lr) continue;
    if (arm_of(trial, q.arms) < 0) continue;
    auto value = value_of(trial, q.metric);
    if (q.relative) {
      if (trial.shift == 0) continue;
      double sum = 0;
      int n = 0, there = 0;
      for (const Plain& other : trials) {
        if (!ended(other) || other.study != trial.study || other.shift != 0 ||
            other.act != trial.act || other.seed != trial.seed || other.lr != trial.lr)
          continue;
        ++there;
        if (const auto v = value_of(other, q.metric)) sum += *v, ++n;
      }
      if (there == 0) continue;
      if (n == 0) value.reset();
      if (value) *value -= sum / n;
    }
    used.emplace_back(&trial, value);
  }
  // What must agree: the seed (of the training, or of the study), and with `each` everything else.
  const auto same_pair = [&](const Plain& a, const Plain& b) {
    if (q.by_seed ? a.seed != b.seed : a.study % 2 != b.study % 2) return false;
    if (q.others != Others::each) return true;
    if (q.arms != Arms::act && a.act != b.act) return false;
    return a.seed == b.seed && a.lr == b.lr && a.shift == b.shift;
  };
  Answer answer;
  std::set<const Plain*> done;
  for (const auto& [first, ignored] : used) {
    if (done.contains(first)) continue;
    std::array<std::optional<double>, 2> sides;
    std::array<bool, 2> there{};
    for (const int side : {0, 1}) {
      double sum = 0;
      int studies = 0;
      bool whole = true;
      for (int study = 0; study < 4; ++study) {
        std::optional<double> best;
        double best_objective = 0, mean = 0;
        int n = 0, valued = 0;
        for (const auto& [trial, value] : used) {
          if (trial->study != study || arm_of(*trial, q.arms) != side || !same_pair(*trial, *first))
            continue;
          done.insert(trial);
          ++n;
          if (value) mean += *value, ++valued;
          const auto objective = value_of(*trial, Metric::objective);
          if (!objective) continue;
          const double cost = q.study_maximize ? -*objective : *objective;
          if (best_objective == 0 || cost < best_objective) {
            best_objective = cost;
            best = value;
          }
        }
        if (n == 0) continue;
        there[static_cast<std::size_t>(side)] = true;
        ++studies;
        std::optional<double> value;
        if (q.others == Others::best) {
          value = best;
        } else if (valued > 0 && (q.others == Others::each || valued == n)) {
          value = mean / valued;
        }
        if (value) {
          sum += *value;
        } else {
          whole = false;
        }
      }
      if (studies > 0 && whole) sides[static_cast<std::size_t>(side)] = sum / studies;
    }
    if (!there[0] || !there[1]) {
      ++answer.unpaired;
    } else if (sides[0] && sides[1]) {
      answer.differences.push_back(q.maximize ? *sides[1] - *sides[0] : *sides[0] - *sides[1]);
    } else if (sides[0]) {
      ++answer.lost_better;
    } else if (sides[1]) {
      ++answer.lost_than;
    } else {
      ++answer.lost_both;
    }
  }
  std::sort(answer.differences.begin(), answer.differences.end());
  return answer;
}

ClaimVerdict verdict_of(const Answer& answer, const Question& q) {
  const auto n = static_cast<double>(answer.differences.size());
  if (n < 2) return ClaimVerdict::undecided;
  double sum = 0, squares = 0;
  for (const double d : answer.differences) sum += d;
  const double mean = sum / n;
  for (const double d : answer.differences) squares += (d - mean) * (d - mean);
  const double half = student_t_quantile(0.975, n - 1) * std::sqrt(squares / (n - 1) / n);
  if (half == 0 && n < 3) return ClaimVerdict::undecided;
  if (q.within) {
    const bool inside = mean - half > -*q.within && mean + half < *q.within;
    const bool outside = mean - half > *q.within || mean + half < -*q.within;
    if (inside && answer.lost_better + answer.lost_than == 0) return ClaimVerdict::supported;
    return outside ? ClaimVerdict::contradicted : ClaimVerdict::undecided;
  }
  if (mean - half > q.margin && answer.lost_better == 0) return ClaimVerdict::supported;
  if (mean + half < q.margin && answer.lost_than == 0) return ClaimVerdict::contradicted;
  return ClaimVerdict::undecided;
}

std::vector<Plain> random_trials(Rng& rng) {
  const auto pick = [&](int n) { return static_cast<int>(rng.uniform() * n); };
  std::vector<Plain> trials;
  const double failing = rng.uniform() < 0.7 ? 0.0 : 0.15,
               missing = rng.uniform() < 0.5 ? 0.02 : 0.4;
  const bool coarse = rng.uniform() < 0.2;
  const double effect = 0.3 * pick(3) - 0.2;
  for (int study = 0; study < 4; ++study)
    for (int act = 0; act < 3; ++act)
      for (int seed = 1; seed <= 4; ++seed)
        for (int lr = 0; lr < 3; ++lr)
          for (int shift = 0; shift < 2; ++shift) {
            if (rng.uniform() < missing) continue;
            Plain trial{study, act, seed, lr, shift, {}, {}, {}, pick(5), pick(2) == 0};
            const double u = rng.uniform();
            using enum store::State;
            trial.state = u < failing ? std::array{failed, diverged, infeasible,
                                                   running}[static_cast<std::size_t>(pick(4))]
                          : u < 0.3   ? stopped
                                      : completed;
            if (rng.uniform() < 0.95)
              trial.objective = coarse ? 0.5 + 0.25 * pick(2)
                                       : 1 + effect * (act == 0) + effect * (study < 2) +
                                             effect * trial.gpu + rng.uniform() / 10;
            if (rng.uniform() < 0.95) trial.loss = rng.uniform();
            trials.push_back(trial);
          }
  return trials;
}

std::vector<StudyData> as_studies(const std::vector<Plain>& trials, const Question& q) {
  std::vector<StudyData> studies;
  for (int study = 0; study < 4; ++study) {
    StudyData data = test::study(q.study_maximize);
    data.study.name = "s" + std::to_string(study);
    data.study.sampler = study < 2 ? "gp" : "random";
    data.study.seed = static_cast<std::uint64_t>(study % 2);
    data.metrics = {"m", "loss"};
    for (const char* name : {"act", "train.seed", "train.lr", "data.shift"})
      data.study.params.push_back({name, "", {}});
    for (const Plain& plain : trials) {
      if (plain.study != study) continue;
      auto& trial = test::add(data, plain.state, plain.objective);
      trial.config = Config({{"act", std::string(acts[static_cast<std::size_t>(plain.act)])},
                             {"train.seed", std::int64_t{plain.seed}},
                             {"train.lr", rates[static_cast<std::size_t>(plain.lr)]},
                             {"data.shift", std::int64_t{plain.shift}}});
      trial.device = plain.gpu ? "gpu0" : "cpu3";
      trial.best_step = 2;
      trial.steps = plain.steps;
      data.curves.back() = {{1, 2, 3}, {{9, 8, 7}, {5, plain.loss.value_or(NAN), 6}}, {}};
    }
    studies.push_back(std::move(data));
  }
  Json claim{{"arms", "act"}, {"better", "relu"}, {"than", "tanh"}};
  if (q.arms == Arms::sampler) claim = {{"arms", "sampler"}, {"better", "gp"}, {"than", "random"}};
  if (q.arms == Arms::device) claim = {{"arms", "device"}, {"better", "gpu"}, {"than", "cpu"}};
  const std::array<const char*, 5> metrics{"m", "loss", "m - loss", "log10(lr)", "steps"};
  claim["metric"] = metrics[static_cast<std::size_t>(q.metric)];
  claim["goal"] = q.maximize ? "maximize" : "minimize";
  claim["pair"] = q.by_seed ? "train.seed" : "seed";
  claim["others"] = q.others == Others::best ? "best" : q.others == Others::mean ? "mean" : "each";
  if (q.only_lr >= 0)
    claim["where"] = "train.lr = " + to_text(Value(rates[static_cast<std::size_t>(q.only_lr)]));
  if (q.relative) claim["relative_to"] = {{"data.shift", "0"}};
  if (q.within) claim["within"] = *q.within;
  if (!q.within) claim["margin"] = q.margin;
  studies[0].study.spec = {{"claim", Json::array({claim})}};
  return studies;
}

Question random_question(Rng& rng) {
  const auto pick = [&](int n) { return static_cast<int>(rng.uniform() * n); };
  Question q;
  q.arms = static_cast<Arms>(pick(3));
  q.metric = pick(2) == 0 ? Metric::objective : static_cast<Metric>(pick(5));
  q.maximize = pick(2) == 0;
  q.study_maximize = pick(2) == 0;
  q.by_seed = q.arms == Arms::act || pick(4) > 0;
  q.others = static_cast<Others>(pick(3));
  q.only_lr = pick(6) - 3;
  if (q.only_lr < 0) q.only_lr = -1;
  q.relative = pick(3) == 0;
  q.margin = pick(2) == 0 ? 0.0 : rng.uniform() * 0.3 - 0.1;
  if (pick(3) == 0) q.within = 0.05 + rng.uniform() * 0.4;
  return q;
}

}  // namespace

TEST_CASE("judged claims agree with the slow reference on random studies") {
  std::array<int, 3> verdicts{};
  int lost = 0, relative = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    Rng rng(RngKey{seed, Stream::sampler, 7});
    const Question q = random_question(rng);
    const auto trials = random_trials(rng);
    const auto studies = as_studies(trials, q);
    const auto claims = judge_claims(studies);
    REQUIRE(claims.size() == 1);
    const Claim& claim = claims.front();
    const Answer expected = reference(trials, q);
    CHECK(claim.better_arm.lost == expected.lost_better);
    CHECK(claim.than_arm.lost == expected.lost_than);
    CHECK(claim.lost_both == expected.lost_both);
    CHECK(claim.unpaired == expected.unpaired);
    REQUIRE(claim.pairs.size() == expected.differences.size());
    std::vector<double> differences;
    for (const ClaimPair& pair : claim.pairs) differences.push_back(pair.difference);
    std::sort(differences.begin(), differences.end());
    for (std::size_t i = 0; i < differences.size(); ++i)
      CHECK(differences[i] == doctest::Approx(expected.differences[i]).epsilon(1e-9));
    CHECK(claim.verdict == verdict_of(expected, q));
    CHECK(!claim.why.empty());
    ++verdicts[static_cast<std::size_t>(claim.verdict)];
    lost += expected.lost_better + expected.lost_than + expected.lost_both;
    relative += q.relative && !differences.empty();
  }
  // The cases do reach what they are for.
  for (const int n : verdicts) CHECK(n > 20);
  CHECK(lost > 100);
  CHECK(relative > 50);
}

TEST_CASE("garbled claims are judged or left out, and never throw") {
  const std::vector<Json> values{Json(),
                                 true,
                                 -1,
                                 1e308,
                                 0.1,
                                 "",
                                 "act",
                                 "relu",
                                 "tanh",
                                 "m",
                                 "m -",
                                 "lgo(m)",
                                 "sampler",
                                 "gp",
                                 "train.seed",
                                 "seed",
                                 "best",
                                 "mean",
                                 "device",
                                 "cpu",
                                 "m + act",
                                 Json::array(),
                                 Json::object(),
                                 {{"data.shift", "0"}},
                                 {{"act", 3}},
                                 {{"line", "x"}},
                                 {{"heat_map", {1}}},
                                 {1, 2},
                                 "m > '",
                                 "not not"};
  const std::vector<const char*> keys{"text",   "arms",   "better", "than",  "metric",
                                      "goal",   "pair",   "others", "where", "relative_to",
                                      "margin", "within", "plot",   "more"};
  int judged = 0;
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    CAPTURE(seed);
    Rng rng(RngKey{seed, Stream::sampler, 8});
    const auto pick = [&](std::size_t n) {
      return static_cast<std::size_t>(rng.uniform() * static_cast<double>(n));
    };
    Question q;
    q.arms = static_cast<Arms>(pick(3));
    auto studies = as_studies(seed % 50 == 1 ? random_trials(rng) : std::vector<Plain>{Plain{}}, q);
    Json& claim = studies[0].study.spec["claim"];
    for (std::size_t n = 1 + pick(4); n > 0; --n) {
      Json& one = claim.is_array() && !claim.empty() ? claim[0] : claim;
      if (one.is_object()) one[keys[pick(keys.size())]] = values[pick(values.size())];
      if (rng.uniform() < 0.02) claim = values[pick(values.size())];
    }
    CAPTURE(claim.dump());
    for (const Claim& each : judge_claims(studies)) {
      ++judged;
      CHECK(!each.why.empty());
    }
  }
  CHECK(judged > 1000);
}
