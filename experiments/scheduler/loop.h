// The event loop: joins one strategy, one executor and the store. See run.h.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "experiments/scheduler/objective.h"
#include "experiments/scheduler/past.h"
#include "experiments/scheduler/run.h"
#include "experiments/study/require.h"

namespace vernier::experiments {

/// One study's run, used once. Every turn is one durable transaction: what happened, what the strategy said to it, and what starts. What
/// the outside learns of it (verdicts to lanes, the observer) follows the commit.
class Loop {
 public:
  Loop(search::Strategy& strategy, Executor& executor, store::Store& store, store::StudyId study,
       const Spec& spec, const Clock& clock, const StopRequests& stop, const Observer& observer,
       store::WriterSocket* socket);
  Summary run();

 private:
  enum class Phase {
    searching,
    pausing,
    ending
  };  // pausing: to be continued; ending: the study is over

  struct Live {  // a trial on a lane, or waiting for one
    Live(int strategy_id, int trial_number, Config settings, const std::vector<MetricSpec>& metrics)
        : id(strategy_id), number(trial_number), config(std::move(settings)), objective(metrics) {}
    int id, number;
    Config config;
    Objective objective;
    int committed = 0;  // steps in the database
    int until = 0, decide_at = 0;
    std::string device_kind;  // on which its steps were made; empty: nowhere yet
    bool from_checkpoint = false;
    std::optional<double> origin;        // see OrderedExecutor
    bool finished = false;               // in the database; the lane has not left yet
    bool paused = false;                 // likewise
    int lost = 0;                        // with its device, so often
    int fence = 0;                       // of its launch
    int passed = 0;                      // by smaller ones while it waited
    std::string stop_reason;             // a stop asked for from outside
    double launched = 0, trained = 0;    // monotonic; seconds of earlier stretches
    double saved = 0, save_seconds = 0;  // the last checkpoint, and how long writing took
    bool save_asked = false;
  };
  struct Notice {  // for the observer, after the commit
    Progress progress;
    std::optional<Config> config;
    std::optional<engine::Metrics> results;
  };

  // loop.cpp
  void begin();
  bool turn();
  void after_commit();
  void finish();
  void refresh();
  void check_requests();
  void check_limits();
  void pause_all(const std::string& why);
  void end_all(const std::string& why);
  bool abandon();

  // launching.cpp
  void fill();
  bool ask();
  Live record_new(const search::Start& start);
  Live recall(int id, int until);
  void copy_state(int parent, Live& clone);
  bool launch_held();
  void launch(Live trial);
  int awaited_at(int decision) const;

  // events.cpp
  void handle(ExecutorEvent event);
  void on(Measured event);
  void on(Saved event);
  void on(Ended event);
  void on(const Heartbeat&) {}
  void on(const DeviceLost& event);
  void drop_impossible();
  void decide(Live& trial, const Measured& event);
  void consider_checkpoint(Live& trial, bool rung);
  void complete(Live& trial, Ended& event);
  void pause(Live& trial, Ended& event);
  void check_regret();
  void lose(Live& trial, const Ended& event);
  void retry(Live trial, const std::string& reason);
  void close(Live& trial, store::State state, std::string reason,
             const std::string& weights_hash = "");
  bool weighs_work() const { return spec_.sampler_options.value("per", "trial") == "flop"; }
  store::NamedValues limited_values(const Live& trial) const;
  std::optional<std::string> broken_limit(const Live& trial) const;
  void keep_best(const Live& trial, const engine::Checkpoint& best);

  // requests.cpp
  Json answer(const Json& request);
  void stop_trial(int number, const std::string& reason);

  void note(Progress::Kind kind, const Live& trial);
  void add_event(std::optional<int> number, const std::string& kind, const std::string& text);
  int busy() const;

  search::Strategy& strategy_;
  Executor& executor_;
  store::Store& store_;
  store::StudyId study_;
  const Spec& spec_;
  Requirements outcomes_, limits_;
  const Clock& clock_;
  const StopRequests& stop_;
  const Observer& observer_;
  store::WriterSocket* socket_;

  Phase phase_ = Phase::searching;
  std::string why_;
  bool exhausted_ = false;      // the strategy said Finished
  bool asked_in_vain_ = false;  // it said Wait, and nothing has happened since
  bool by_request_ = false;
  bool over_ = false;  // the strategy is not asked again
  Numbering numbering_;
  int last_number_ = 0;
  int fence_ = 0;                              // of the last launch
  std::map<int, Live> live_;                   // by number
  std::deque<Live> held_;                      // recorded, not launched
  std::set<int> paused_;                       // numbers
  std::vector<std::pair<double, int>> kept_;   // (minimised value, number) of the best weights
  std::vector<std::function<void()>> orders_;  // to the executor, after the commit
  std::vector<Notice> notices_;
  Summary summary_;
  std::optional<double> best_;  // minimised
  int next_regret_ = 0;         // completed trials at the next look at limits.regret
  double started_ = 0, last_look_ = 0, last_launch_ = 0, busy_seconds_ = 0, busy_at_launch_ = 0;
  double device_seconds_ = 0;  // of finished stretches
};

}  // namespace vernier::experiments
