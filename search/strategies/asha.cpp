#include "search/strategies/asha.h"

#include <climits>
#include <cmath>

#include "search/rung_options.h"
#include "search/rungs.h"
#include "search/trial_book.h"

namespace vernier::search {
namespace {

class Asha final : public TrialBook {
 public:
  Asha(StrategyContext context, const RungOptions& options)
      : TrialBook(std::move(context)),
        eta_(options.eta),
        rungs_(Rungs::geometric(options.min_steps, options.eta, max_steps())) {}

 private:
  int decision_after(int, int step) const override {
    for (std::size_t k = 0; k + 1 < rungs_.size(); ++k)
      if (rungs_.step(k) > step) return rungs_.step(k);
    return INT_MAX;
  }

  void enter(int number, const Report& report) {
    rungs_.reach(number, report.step, comparable(report.value));
  }

  Verdict decide(int number, const Trial& trial) override {
    enter(number, trial.decisions.back());
    return next_promotion(number, false) == number ? Verdict::proceed : Verdict::pause;
  }

  void remembered(int number, const Trial& trial) override {
    for (const Report& report : trial.decisions) enter(number, report);
  }

  void ended(int number, const Trial& trial) override {
    const Observation& seen = observation(trial);
    if (seen.outcome == Outcome::completed) rungs_.complete(number, *seen.value);
    if (seen.outcome == Outcome::failed || seen.outcome == Outcome::diverged) rungs_.lose(number);
  }

  bool waits(const Trial& trial) const override {
    return !trial.decisions.empty() && trial.decisions.back().step == observation(trial).steps;
  }

  std::optional<int> promotion(bool last_call) override { return next_promotion(0, last_call); }

  /// The first to go on, from the top rung downwards: among those that wait and `also` (0: nobody else).
  std::optional<int> next_promotion(int also, bool last_call) const {
    for (std::size_t k = rungs_.size() - 1; k-- > 0;) {
      std::size_t quota = rungs_.ranking(k).size() / static_cast<std::size_t>(eta_);
      if (last_call) quota = std::max<std::size_t>(quota, 1);
      for (const auto& [value, number] : rungs_.ranking(k)) {
        if (quota-- == 0 || std::isinf(value)) break;
        if (rungs_.has(k + 1, number)) continue;
        if (number == also) return number;
        const Trial& known = trial(number);
        if (known.phase == Phase::paused && !known.wanted) return number;
      }
    }
    return std::nullopt;
  }

  const History& view() override {
    rungs_.update_view(history(), running_by_place(), view_);
    return view_;
  }

  int eta_;
  Rungs rungs_;
  History view_;
};

}  // namespace

std::unique_ptr<Strategy> make_asha(StrategyContext context) {
  Options options("strategy asha", context.options);
  const RungOptions rungs = read_rung_options("asha", options, context);
  options.finish();
  return std::make_unique<Asha>(std::move(context), rungs);
}

}  // namespace vernier::search
