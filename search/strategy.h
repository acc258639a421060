// Decides what starts, continues, pauses and stops. One file per strategy under strategies/, one line in strategies.def.
// A strategy keeps no state of its own on disk: it is rebuilt by `replay` from trial and rung rows.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/json.h"
#include "search/sampler.h"

namespace vernier::search {

/// Begin trial `number` and train it to step `until` (asha: a full training; next_decision() names the rungs on the way).
/// `clone_of`: from the state in which that paused trial is now, at its step.
struct Start {
  int number = 0;
  Config config;
  int until = 0;
  std::optional<int> clone_of;
  std::vector<double> fit;
};
/// Continue paused trial `number` (0 steps redone) to step `until`.
struct Resume {
  int number = 0;
  int until = 0;
};
/// Paused trial `number` will not go on: it is stopped with the value it has, and its state is deleted.
struct Drop {
  int number = 0;
};
/// Nothing to do until a result arrives.
struct Wait {};
/// Nothing will ever be asked again: all trials started and no promotion due, or the space is exhausted. Nothing runs any more;
/// trials still paused become stopped (the scheduler marks them and deletes their state).
struct Finished {
  std::string why;  // "all trials done", "space exhausted"
};
using Ask = std::variant<Start, Resume, Drop, Wait, Finished>;

enum class Verdict { proceed, pause, stop };

/// The objective of a trial at a step, minimised: its value so far (reduced as the study says) and that step's own.
struct Report {
  int step = 0;
  double value = 0;
};

/// How a trial or its current stretch ended. `pending`: it is paused (its state is kept); only from then on ask() may resume it.
struct Ending {
  Outcome outcome = Outcome::completed;
  std::optional<double> value;
  int steps = 0;
  std::vector<double> values = {};   // where there are several objectives
  std::vector<double> margins = {};  // as in Observation, like what follows
  double work = NAN, seconds = NAN;
};

/// One trial as the store knows it, for replay: in order of number.
struct PastTrial {
  int number = 0;
  Config config;
  bool enqueued = false;
  std::optional<int> clone_of;
  Outcome outcome = Outcome::pending;
  bool paused = false;  // alive, waiting for a promotion
  std::optional<double> value;
  int steps = 0;
  std::vector<Report>
      reports;  // every recorded step at which next_decision() asked (rungs), in order
  std::vector<double> fit;
  std::vector<double> values = {};
  std::vector<double> margins = {};
  double work = NAN, seconds = NAN;
};

class Strategy {
 public:
  virtual ~Strategy() = default;
  virtual Ask ask() = 0;
  /// The next step > the last reported one at which trial `number` must await a verdict; INT_MAX: none.
  virtual int next_decision(int number) const = 0;
  /// Called for every step; the verdict counts only at next_decision() steps. Reporting the last decision step again is allowed and
  /// decides anew.
  virtual Verdict report(int number, const Report& report) = 0;
  /// Also after a pause (Outcome::pending). Paused without a verdict (Ctrl-C, a program's own wish): ask() resumes it first.
  virtual void tell(int number, const Ending& ending) = 0;
  /// Trials of an interrupted study, before the first ask(). Those pending and not paused count as running: the scheduler resumes
  /// them itself with until = budget_of(number). Where such a trial's last report is at `steps`, its verdict may have been lost: the
  /// scheduler calls report() with it again first, and pauses or stops the trial where that is the answer. With one job a study
  /// restarted so proposes what an uninterrupted one does.
  virtual void replay(std::span<const PastTrial> trials) = 0;
  /// The step to which a running trial trains: what its Start or Resume said.
  virtual int budget_of(int number) const = 0;
};

struct StrategyContext {
  std::unique_ptr<Sampler> sampler;
  int trials = 0;                 // total, also after a resume
  int max_steps = 1;              // a full training
  std::vector<Config> enqueue;    // first, in order; they count
  Json options = Json::object();  // {"type": "asha", "min_steps": 1, "eta": 3}
  const Space* space =
      nullptr;  // outlives the strategy: gives enqueued configurations its types, and asha its d
  std::uint64_t seed = 0;
  bool maximize = false;  // the study's direction: options that are values of the metric follow it
  std::vector<std::string>
      inherited;  // parameters that a clone keeps: they decide what its state is
};

struct StrategyInfo {
  std::string name;
  std::string summary;
  std::vector<std::string> options;
};

/// Throws UsageError for unknown names (with the nearest) and options, and where it cannot do what is asked.
std::unique_ptr<Strategy> make_strategy(const std::string& name, StrategyContext context);
/// Whether it pauses trials to continue some of them later.
bool pauses(const std::string& strategy);
/// The sampler of a study that names none: gp, also under bohb.
std::string default_sampler(const std::string& strategy);
std::span<const StrategyInfo> strategies();

}  // namespace vernier::search
