#include "search/strategies/asha.h"

#include <climits>
#include <cmath>
#include <limits>
#include <set>

#include "core/error.h"
#include "search/options.h"
#include "search/trial_book.h"

namespace vernier::search {
namespace {

struct Rung {
  int step = 0;
  std::set<std::pair<double, int>> ranking;  // (value, number), the best first
  std::map<int, double> values;              // by number
};

class Asha final : public TrialBook {
 public:
  Asha(StrategyContext context, int min_steps, int eta, int last_step)
      : TrialBook(std::move(context)), eta_(eta) {
    set_max_steps(last_step);
    for (std::int64_t step = min_steps; step < last_step; step *= eta)
      rungs_.push_back({static_cast<int>(step), {}, {}});
    rungs_.push_back({last_step, {}, {}});
  }

 private:
  int decision_after(int step) const override {
    for (std::size_t k = 0; k + 1 < rungs_.size(); ++k)
      if (rungs_[k].step > step) return rungs_[k].step;
    return INT_MAX;
  }

  void enter(Rung& rung, int number, double value) {
    if (rung.values.emplace(number, value).second) rung.ranking.emplace(value, number);
  }

  void enter_reached(int number, const Report& report) {
    for (std::size_t k = 0; k + 1 < rungs_.size() && rungs_[k].step <= report.step; ++k)
      enter(rungs_[k], number, comparable(report.value));
  }

  Verdict decide(int number, const Trial& trial) override {
    enter_reached(number, trial.decisions.back());
    return next_promotion(number, false) == number ? Verdict::proceed : Verdict::pause;
  }

  void remembered(int number, const Trial& trial) override {
    for (const Report& report : trial.decisions) enter_reached(number, report);
  }

  void ended(int number, const Trial& trial) override {
    const Observation& seen = observation(trial);
    const bool lost = seen.outcome == Outcome::failed || seen.outcome == Outcome::diverged;
    if (seen.outcome == Outcome::completed)
      for (Rung& rung : rungs_) enter(rung, number, *seen.value);
    for (Rung& rung : rungs_) {
      if (!lost) break;
      if (rung.values.contains(number)) continue;
      enter(rung, number, std::numeric_limits<double>::infinity());
      break;
    }
  }

  bool waits(const Trial& trial) const override {
    return !trial.decisions.empty() && trial.decisions.back().step == observation(trial).steps;
  }

  std::optional<int> promotion(bool last_call) override { return next_promotion(0, last_call); }

  /// The first to go on, from the top rung downwards: among those that wait and `also` (0: nobody else).
  std::optional<int> next_promotion(int also, bool last_call) const {
    for (std::size_t k = rungs_.size() - 1; k-- > 0;) {
      std::size_t quota = rungs_[k].ranking.size() / static_cast<std::size_t>(eta_);
      if (last_call) quota = std::max<std::size_t>(quota, 1);
      for (const auto& [value, number] : rungs_[k].ranking) {
        if (quota-- == 0 || std::isinf(value)) break;
        if (rungs_[k + 1].values.contains(number)) continue;
        if (number == also) return number;
        const Trial& known = trial(number);
        if (known.phase == Phase::paused && !known.wanted) return number;
      }
    }
    return std::nullopt;
  }

  const History& view() override {
    const Rung* shown = nullptr;
    for (const Rung& rung : rungs_) {
      std::size_t finite = 0;
      for (const auto& [value, number] : rung.ranking) finite += std::isfinite(value);
      if (finite >= dimensions() + 2) shown = &rung;
    }
    view_ = history();
    for (Observation& seen : view_.trials) {
      const bool lost = seen.outcome == Outcome::failed || seen.outcome == Outcome::diverged ||
                        seen.outcome == Outcome::infeasible;
      if (lost) continue;
      seen.value.reset();
      const bool runs = trial(seen.number).phase == Phase::running;
      seen.outcome = runs ? Outcome::pending : Outcome::stopped;
      if (!shown) continue;
      const auto result = shown->values.find(seen.number);
      if (result == shown->values.end() || std::isinf(result->second)) continue;
      seen.outcome = Outcome::completed;
      seen.value = result->second;
      seen.steps = shown->step;
    }
    return view_;
  }

  int eta_;
  std::vector<Rung> rungs_;
  History view_;
};

}  // namespace

std::unique_ptr<Strategy> make_asha(StrategyContext context) {
  Options options("strategy asha", context.options);
  const int min_steps = options.integer("min_steps", 1, 1, 1000000000);
  const int eta = options.integer("eta", 3, 2, 1000);
  const int last = options.integer("max_steps", context.max_steps, 1, 1000000000);
  options.finish();
  if (context.max_steps > 1 && last > context.max_steps)
    fail<UsageError>("[strategy asha] max_steps {}; expected at most the {} steps of a training",
                     last, context.max_steps);
  if (min_steps >= last)
    fail<UsageError>(
        "[strategy asha] min_steps {} of {} steps; expected a first rung before the last step "
        "(max_steps)",
        min_steps, last);
  return std::make_unique<Asha>(std::move(context), min_steps, eta, last);
}

}  // namespace vernier::search
