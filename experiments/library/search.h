// One study of the library while it is open: the strategy, the space as far as trials have shown it, and the database, behind one lock.
#pragma once
#include <vernier/study.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "experiments/library/growing_space.h"
#include "experiments/library/settings.h"
#include "experiments/library/shared_store.h"
#include "experiments/scheduler/past.h"

namespace vernier::detail {

/// Thread-safe; every change is in the database when a method returns.
class Search {
 public:
  /// The study of these options; the one that this process has open already, where it has.
  static std::shared_ptr<Search> of(const StudyOptions& options);
  explicit Search(const StudyOptions& options);
  Search(const Search&) = delete;
  ~Search();

  const experiments::Settings& settings() const { return settings_; }
  const std::filesystem::path& file() const { return file_; }

  struct Next {
    enum class Kind { trial, wait, finished } kind = Kind::finished;
    int number = 0;
    std::string why;  // of finished
  };
  Next next();
  std::optional<int> continue_interrupted();
  void enqueue(const Params& params);
  int add(const Params& params, const std::vector<double>& values, const Space& ranges,
          State state);

  Value suggest(int number, const search::Parameter& parameter);
  void report(int number, int step, double value, const Metrics& others);
  bool should_stop(int number);
  std::optional<int> last_step(int number);
  void set_attribute(int number, const std::string& name, const std::string& text);
  Params params(int number);

  void tell(int number, const std::vector<double>& values);
  void tell(int number, State state, const std::string& reason);

  /// optimize(): so many new trials from here on (0: up to the planned ones), until end_run(). One at a time.
  void begin_run(int n);
  void end_run(bool finished);
  /// The run that goes on begins no further trial; `interrupting`: those that ask should_stop() end too. UsageError where there is none.
  void stop_run(bool interrupting);
  bool run_is_stopped();
  /// Returns when something has been told or `seconds` have passed.
  void wait(double seconds);

  std::vector<TrialInfo> trials();
  TrialInfo trial(int number);

 private:
  struct Live {  // a trial that runs
    int id = 0;  // of the strategy
    Config proposal;
    Config believed;  // what the strategy takes it for
    Config stored;    // in the database
    Params asked;
    std::optional<int> last_step;
    std::optional<double> best;  // minimised
    std::optional<int> best_step;
    int decide_at = 0;
    search::Verdict verdict = search::Verdict::proceed;
    bool told_to_stop = false;  // should_stop() has said so
    std::string stop_reason;    // of a person who wants it stopped
    bool recalled = false;      // it began in an earlier stretch
    std::map<std::string, std::string> attributes;
  };

  // search.cpp
  void open(const StudyOptions& options);
  void accept(const store::StudyRecord& known, const StudyOptions& options);
  void read();
  void close();
  store::Store& store() { return shared_->store(); }
  search::PastTrial& past(int id) { return past_.trials[static_cast<std::size_t>(id) - 1]; }
  search::Strategy& strategy();
  Config in_space(const search::PastTrial& trial, const Live* live) const;
  std::vector<search::Parameter> present_space() const;
  void commit(const std::function<void()>& body);
  void write_space();

  // asking.cpp
  int start(Config proposal, std::vector<double> fit);
  int start_enqueued();
  int resume(int number);
  void hand_out(int number, Live live);
  Live recall(int number);
  void drop(int number);

  // adding.cpp
  Config of_given_space(const char* what, const Params& params) const;
  Config of_found_space(const Params& params, const Space& ranges);
  void remember(int number, search::PastTrial trial);

  // telling.cpp
  Live& live(int number);
  Live& running(int number);
  void flush(int number, Live& live);
  void end(int number, Live& live, State state, const std::vector<double>& values,
           const std::string& reason);
  void told(int number, const Live& live, const search::Ending& ending);
  void rest(int number, Live& live, store::State state, const std::string& reason);
  void interrupt(int number, Live& live, const std::string& reason);

  // edits.cpp
  void edited(const store::Edit& edit);
  void stop_trial(int number);

  std::filesystem::path file_;
  experiments::Settings settings_;  // parameters: as the database has them
  std::unique_ptr<experiments::SharedStore> shared_;
  store::StudyId study_ = 0;
  experiments::GrowingSpace growing_;
  bool space_changed_ = false;  // growing_ has more than the database
  experiments::Past past_;
  std::unique_ptr<search::Space> space_;
  std::unique_ptr<search::Strategy> strategy_;  // none: made anew from past_ when it is needed
  std::map<int, Live> live_;
  std::deque<int> enqueued_;
  std::set<int> interrupted_, paused_;
  int most_ = 0;  // trials in all, while optimize() runs; 0: open
  bool run_ = false;
  bool run_stopped_ = false;   // no further trial is begun
  bool interrupting_ = false;  // and those that run are to go on another time
  std::condition_variable told_;
};

}  // namespace vernier::detail
