// Searches for the settings with which a function of your own is best, and remembers every trial in a database that `vernier ls`, `top`, `query`
// and `report` read, also while it runs.
//
//   vernier::Study study({.name = "tune", .sampler = "gp", .direction = vernier::minimize});
//   study.optimize([](vernier::Trial& trial) {
//     double lr = trial.suggest_float("lr", 1e-5, 1e-1, vernier::log);
//     return loss_of(lr);
//   }, 50);
//   std::cout << *study.best().value << '\n';
#pragma once
#include <vernier/space.h>
#include <vernier/trial.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace vernier {

/// Of a study that is there already, what is left out is as it was; what is given must be the same (UsageError), but for trials and note.
struct StudyOptions {
  std::string name{};                    // 1 to 100 letters, digits and . _ -
  std::string database = "vernier.db";   // made where it is missing
  std::string sampler{};                 // as `vernier samplers` lists them (gp)
  std::optional<Direction> direction{};  // (minimize)
  std::optional<std::uint64_t> seed{};   // (0)
  int trials = 0;                        // planned in all; 0: open
  std::string strategy{};                // as `vernier strategies` lists them, but pbt (full)
  int max_steps = 0;                     // of a whole trial: strategies with rungs need it
  std::optional<Space> space{};          // else trials find it
  std::vector<Direction> directions{};   // several objectives, in place of direction
  std::vector<std::string> metrics{};    // their names (value; value_1, value_2, ...)
  std::map<std::string, Value> sampler_options{}, strategy_options{};
  std::string note{};
};

struct OptimizeOptions {
  int threads = 1;  // objectives at once; the function is then called from so many threads
  std::optional<double> seconds{};          // no trial begins later than so much after the start
  std::function<void(int number)> after{};  // called when a trial has been told, on its thread
  /// Called every 50 ms on the thread of optimize() while it waits for the others. What this, or `after`, throws ends the search.
  std::function<void()> idle{};
};

/// One study, open for writing. A database has one writing process at a time (StoreError names it): studies of one process share it, and other
/// processes read. Thread-safe, but for moving and destruction. Trials keep what they need alive; when the study and its trials are gone, trials that
/// were not told are interrupted. Not for use on both sides of a fork().
class VERNIER_EXPORT Study {
 public:
  /// Opens the study of this name, or makes it; where this process has it open, both are the same. Trials that a process left running when it died
  /// are interrupted.
  explicit Study(const StudyOptions& options);
  Study(Study&&) noexcept = default;
  Study& operator=(Study&&) noexcept = default;

  /// Calls `objective(Trial&)`, which returns its value (or a std::vector<double>: one an objective), for `n` new trials; 0: until the study has
  /// its planned ones (UsageError where it plans none). Interrupted trials come first, with their number and settings, and do not count.
  /// Ends early where the space is exhausted. An exception of the objective is recorded, the trial is failed, and the next one begins; UsageError and
  /// StoreError end optimize() all the same, and so does anything that is no std::exception.
  template <class Objective>
  requires std::is_invocable_v<Objective&, Trial&>
  void optimize(Objective&& objective, int n = 0, const OptimizeOptions& options = {}) {
    run(
        [&objective](Trial& trial) -> std::vector<double> {
          if constexpr (std::is_arithmetic_v<std::invoke_result_t<Objective&, Trial&>>) {
            return {static_cast<double>(objective(trial))};
          } else {
            return objective(trial);
          }
        },
        n, options);
  }

  /// From within the objective, or another thread: optimize() begins no further trial, and returns when those that run have ended. UsageError where
  /// it does not run. (`vernier stop STUDY` from another process: those that ask should_stop() are interrupted.)
  void stop();

  /// A new trial, running from now on; enqueued ones first. Throws SpaceExhausted; Error where the strategy waits for running trials first.
  Trial ask();
  /// nullopt where ask() would say that the strategy waits.
  std::optional<Trial> try_ask();
  /// An interrupted trial, running again, with its settings; nullopt: there is none.
  std::optional<Trial> continue_interrupted();
  /// Ends a trial that runs, or an interrupted one of an earlier process. Durable when it returns. A value that is not finite: diverged. Where
  /// should_stop() has said so: stopped or paused. Throws NotFoundError, UsageError for one that has ended or a wrong number of values.
  void tell(int number, double value);
  void tell(int number, const std::vector<double>& values);
  /// Ends it as failed, stopped (with the best value it reported), infeasible or interrupted. UsageError for other states.
  void tell(int number, State state, const std::string& reason = "");
  void tell(const Trial& trial, double value) { tell(trial.number(), value); }
  void tell(const Trial& trial, const std::vector<double>& values) { tell(trial.number(), values); }
  void tell(const Trial& trial, State state, const std::string& reason = "") {
    tell(trial.number(), state, reason);
  }
  /// To be tried before anything else; names that are left out are drawn. Durable. Where a trial then asks for a range without the value: UsageError.
  void enqueue(const Params& params);
  /// A result from elsewhere, completed, failed or infeasible: evidence for the sampler. Its number. `ranges`: of what no trial has asked for so far, or
  /// of wider ones. UsageError for values outside. Durable.
  int add(const Params& params, const std::vector<double>& values, const Space& ranges = {},
          State state = State::completed);

  const std::string& name() const;
  std::string database() const;
  std::vector<Direction> directions() const;
  /// Trials in all; 0: open.
  int planned() const;
  /// The best completed trial of the first objective. Throws NotFoundError where there is none.
  TrialInfo best() const;
  /// Completed trials that no other is better than in every objective, by number.
  std::vector<TrialInfo> front() const;
  /// All, by number.
  std::vector<TrialInfo> trials() const;
  TrialInfo trial(int number) const;

 private:
  using Run = std::function<std::vector<double>(Trial&)>;
  void run(const Run& objective, int n, const OptimizeOptions& options);
  std::shared_ptr<detail::Search> search_;
};

}  // namespace vernier
