// The common part of all strategies: which trials there are, what was asked and told, and when a study ends.
#pragma once
#include <map>

#include "search/strategy.h"

namespace vernier::search {

/// ask(): a trial that was paused without a verdict first, then a clone, then what is dropped, then a promotion, then a new trial
/// (enqueued ones first, those already known left out) while fewer than `trials` are known, then Wait while something runs, then what is
/// promoted at the very end, then Finished. A subclass says what is promoted, when to decide, and what its sampler sees.
class TrialBook : public Strategy {
 public:
  Ask ask() final;
  int next_decision(int number) const final;
  Verdict report(int number, const Report& report) final;
  void tell(int number, const Ending& ending) final;
  void replay(std::span<const PastTrial> trials) final;
  int budget_of(int number) const final;

 protected:
  enum class Phase { running, paused, finished };
  struct Trial {
    std::size_t place = 0;  // in history().trials
    Phase phase = Phase::running;
    bool wanted = false;  // paused without our verdict: to be continued first
    bool told_to_pause = false;
    std::optional<int> clone_of;
    int born = 0;                   // the step at which it was cloned
    std::vector<Report> decisions;  // what was reported at decision steps, in order
    /// The last step decided at, or at which it began.
    int last_step() const { return decisions.empty() ? born : decisions.back().step; }
  };
  struct Clone {
    int of = 0;
    Config config;
  };

  explicit TrialBook(StrategyContext context);

  /// The first decision step of trial `number` past `step`; INT_MAX: none. `step` is below max_steps().
  virtual int decision_after(int number, int step) const = 0;
  /// The verdict on a trial whose decisions.back() is new (or the same again). A pause is final only when tell() confirms it.
  virtual Verdict decide(int number, const Trial& trial) = 0;
  /// A trial is new in the book, by a start or by replay, before anything else is heard of it.
  virtual void joined(int /*number*/, const Trial& /*trial*/) {}
  /// A trial left the running ones, or came back by replay; its observation and phase are up to date.
  virtual void ended(int /*number*/, const Trial& /*trial*/) {}
  /// Reports of a trial from an earlier run, before ended().
  virtual void remembered(int /*number*/, const Trial& /*trial*/) {}
  /// A paused trial that should go on now. `last_call`: all trials have started and nothing runs.
  virtual std::optional<int> promotion(bool /*last_call*/) { return std::nullopt; }
  /// A copy to be made of a trial that is paused, and goes on at its step.
  virtual std::optional<Clone> clone() { return std::nullopt; }
  /// A paused trial that will never go on.
  virtual std::optional<int> drop() { return std::nullopt; }
  /// Whether a new trial may start now.
  virtual bool wants_new() const { return true; }
  /// Whether a trial that comes back paused waits for a promotion (else it is continued first).
  virtual bool waits(const Trial& /*trial*/) const { return false; }
  /// What the sampler sees.
  virtual const History& view() { return history_; }

  const History& history() const { return history_; }
  const Observation& observation(const Trial& trial) const { return history_.trials[trial.place]; }
  const std::map<int, Trial>& book() const { return book_; }
  const Trial& trial(int number) const;
  int max_steps() const { return max_steps_; }
  /// No new trial will start: all have, or the space is exhausted.
  bool all_started() const { return exhausted_ || static_cast<int>(book_.size()) >= trials_; }
  int running() const { return running_; }
  const Space* space() const { return space_; }
  /// Of each trial of history(): whether it runs.
  std::vector<char> running_by_place() const;
  /// Parameters of the space; where it is unknown, the most that a configuration has had.
  std::size_t dimensions() const;

 private:
  Trial& need_running(int number, const char* doing);
  std::optional<Start> next_trial();
  Start start(Config config, std::vector<double> fit, std::optional<int> clone_of);
  Drop drop_now(int number);
  Resume resume(int number);
  Config canonical(const Config& config) const;

  std::unique_ptr<Sampler> sampler_;
  const Space* space_;
  int trials_, max_steps_;
  std::vector<Config> enqueue_;  // still to be started, last first
  bool exhausted_ = false;
  History history_;
  std::map<int, Trial> book_;
  int running_ = 0, wanted_ = 0;
};

/// NaN counts as the worst there is.
double comparable(double value);

}  // namespace vernier::search
