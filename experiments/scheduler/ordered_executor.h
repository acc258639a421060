// `--deterministic`: another executor's events in an order that does not depend on how fast anything runs.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>

#include "experiments/scheduler/executor.h"
#include "store/store.h"

namespace vernier::experiments {

/// Trials live in virtual time: a step of a configuration takes pace() virtual seconds, and a trial begins at the virtual moment that the
/// events before it had reached. Events leave in order of (virtual time, trial's number), each only once every lane has one to
/// compare: then the strategy sees the same history on every run with as many lanes, whatever the real speeds, kills included. A trial's
/// beginning (`origin`) is in the database, from which a continued study finds its place again.
///
/// The price: a lane that is ahead waits with its next trial for the others. Events that come after a request to halt are left out, since
/// when it came was chance: the steps are trained again when the study goes on.
class OrderedExecutor final : public Executor {
 public:
  /// `now`: the virtual time that the database has reached. `one_at_a_time`: each event is acted upon before the next is seen (where a
  /// measurement may end the search).
  OrderedExecutor(std::unique_ptr<Executor> inner, double now, bool one_at_a_time);

  bool has_room(const Config& config) const override;
  std::optional<std::string> infeasible(const Config& config) const override {
    return inner_->infeasible(config);
  }
  Placement start(const Launch& launch) override;
  void answer(int number, search::Verdict verdict, int decide_at) override;
  void halt(int number, Halt how) override;
  void save(int number) override { inner_->save(number); }
  std::optional<ExecutorEvent> next(double seconds) override;
  int lanes() const override { return inner_->lanes(); }
  bool stuck() const override { return inner_->stuck(); }
  std::size_t memory() const override { return inner_->memory(); }
  double pace(const Config& config) const override { return inner_->pace(config); }
  std::vector<std::pair<std::string, double>> facts(const Config& config) const override {
    return inner_->facts(config);
  }

 private:
  struct Lane {
    double origin = 0, pace = 1;
    std::size_t bytes = 0;
    int replayed = 0;  // steps that the database has already
    int step = 0;      // of the last event that came
    int released = 0;  // likewise, that was passed on
    bool waits = false;
    std::optional<Halt> halted;
    std::deque<ExecutorEvent> events;
  };
  std::size_t bytes(const Config& config) const;
  void take(ExecutorEvent event);
  void take_ended(Lane& lane, Ended event);
  void leave_out(const Lane& lane, const Measured& measured);
  std::optional<ExecutorEvent> release();

  std::unique_ptr<Executor> inner_;
  double now_;
  bool one_at_a_time_;
  std::map<int, Lane> lanes_;          // by trial
  std::deque<ExecutorEvent> at_once_;  // what needs no order
  bool barrier_ = false;               // the caller acts before it gets more
};

/// What the steps of a study in the database have reached.
double virtual_time(const store::Store& store, store::StudyId study, const Executor& executor);

}  // namespace vernier::experiments
