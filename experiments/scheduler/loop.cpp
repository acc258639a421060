#include "experiments/scheduler/loop.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"

namespace vernier::experiments {
namespace {

constexpr double longest_wait = 0.1;      // seconds between looks at stop requests and the socket
constexpr std::size_t most_events = 256;  // of one transaction

}  // namespace

Loop::Loop(search::Strategy& strategy, Executor& executor, store::Store& store,
           store::StudyId study, const Spec& spec, const Clock& clock, const StopRequests& stop,
           const Observer& observer, store::WriterSocket* socket)
    : strategy_(strategy),
      executor_(executor),
      store_(store),
      study_(study),
      spec_(spec),
      outcomes_(spec, Requirements::Of::outcomes),
      limits_(spec, Requirements::Of::all),
      clock_(clock),
      stop_(stop),
      observer_(observer),
      socket_(socket) {}

Summary Loop::run() {
  started_ = last_look_ = last_launch_ = clock_.monotonic();
  begin();
  store_.transaction([&] {
    fill();
    refresh();
  });
  after_commit();
  while (turn()) {
  }
  finish();
  return summary_;
}

void Loop::begin() {
  Past past = read_past(store_, study_, spec_);
  if (weighs_work())
    for (search::PastTrial& trial : past.trials) trial.work = executor_.pace(trial.config);
  strategy_.replay(past.trials);
  numbering_ = past.numbering;
  last_number_ = past.last_number;
  summary_.planned = spec_.trials;
  const bool maximize = spec_.metrics.front().maximize;
  for (std::size_t i = 0; i < past.records.size(); ++i) {
    const store::TrialRecord& record = past.records[i];
    device_seconds_ += record.seconds;
    if (record.value &&
        (record.state == store::State::completed || record.state == store::State::stopped)) {
      const double value = flipped(*record.value, maximize);
      if (!best_ || value < *best_) {
        best_ = value;
        summary_.best = record.number;
        summary_.best_value = record.value;
      }
      if (record.state == store::State::completed) kept_.emplace_back(value, record.number);
    }
    if (record.state == store::State::paused) paused_.insert(record.number);
    if (record.state == store::State::completed) ++summary_.completed;
    if (record.state == store::State::stopped) ++summary_.stopped;
    if (record.state == store::State::failed) ++summary_.failed;
    if (record.state == store::State::diverged) ++summary_.diverged;
    if (record.state == store::State::infeasible) ++summary_.infeasible;
    const bool unfinished =
        !store::is_finished(record.state) && record.state != store::State::paused;
    if (unfinished) held_.push_back(recall(past.trials[i].number, 0));
  }
  // Those that had a lane get one again, before what waited for one.
  std::stable_partition(held_.begin(), held_.end(),
                        [](const Live& trial) { return trial.origin.has_value(); });
  std::sort(kept_.begin(), kept_.end());
  if (kept_.size() > static_cast<std::size_t>(spec_.keep))
    kept_.resize(static_cast<std::size_t>(spec_.keep));
  summary_.paused = static_cast<int>(paused_.size());
  store_.set_study(study_, "running", spec_.trials);
  refresh();
  Notice start;
  start.progress.kind = Progress::Kind::study_started;
  notices_.push_back(std::move(start));
}

/// Waits for something to happen and commits it with all that follows from it. False: the run is over.
bool Loop::turn() {
  check_requests();
  if (abandon()) return false;
  check_limits();
  if (live_.empty() && (phase_ != Phase::searching || (exhausted_ && held_.empty()))) return false;
  std::vector<ExecutorEvent> events;
  if (!live_.empty()) {
    auto event = executor_.next(longest_wait);
    while (event) {
      events.push_back(std::move(*event));
      if (events.size() >= most_events) break;
      event = executor_.next(0);
    }
    if (events.empty()) return true;
  } else if (executor_.lanes() == 0) {
    fail<DeviceError>("[scheduler] no device is left; {} trials wait", held_.size());
  } else if (asked_in_vain_) {
    fail<Error>("[scheduler] strategy '{}' waits though nothing runs", spec_.strategy);
  }
  const double now = clock_.monotonic();
  busy_seconds_ += (now - last_look_) * busy();
  last_look_ = now;
  store_.transaction([&] {
    for (ExecutorEvent& event : events) handle(std::move(event));
    if (!events.empty()) asked_in_vain_ = false;
    fill();
    if (live_.empty() && !held_.empty() && phase_ == Phase::searching) {
      const std::size_t before = held_.size();
      drop_impossible();
      if (held_.size() == before && executor_.lanes() > 0)
        fail<Error>("[scheduler] no room for trial {} though nothing runs", held_.front().number);
    }
    refresh();
  });
  after_commit();
  return true;
}

void Loop::after_commit() {
  for (const auto& order : std::exchange(orders_, {})) order();
  for (Notice& notice : std::exchange(notices_, {})) {
    if (notice.config) notice.progress.config = &*notice.config;
    if (notice.results) notice.progress.results = &*notice.results;
    notice.progress.summary = &summary_;
    if (observer_) observer_(notice.progress);
  }
}

int Loop::busy() const { return static_cast<int>(live_.size()); }

void Loop::refresh() {
  const double now = clock_.monotonic();
  summary_.seconds = now - started_;
  summary_.paused = static_cast<int>(paused_.size());
  // Where all started at once, the whole run counts.
  const bool in_turns = busy_at_launch_ > 0;
  const double seconds = in_turns ? last_launch_ - started_ : summary_.seconds;
  summary_.concurrency =
      seconds > 0 ? (in_turns ? busy_at_launch_ : busy_seconds_) / seconds : busy();
}

void Loop::finish() {
  over_ = phase_ != Phase::pausing;
  store_.transaction([&] {
    if (over_) {
      for (const int number : std::set<int>(paused_)) {
        Live trial = recall(numbering_.id(number), 0);
        close(trial, store::State::stopped, phase_ == Phase::ending ? why_ : "not promoted");
      }
      paused_.clear();
      while (!held_.empty()) {
        Live trial = std::move(held_.front());
        held_.pop_front();
        close(trial, store::State::stopped, why_);
      }
    }
    refresh();
    store_.set_study(study_, over_ ? "finished" : "interrupted", spec_.trials);
  });
  summary_.why = why_;
  summary_.interrupted = by_request_;
  Notice end;
  end.progress.kind = Progress::Kind::study_finished;
  notices_.push_back(std::move(end));
  after_commit();
}

void Loop::check_requests() {
  if (socket_) {
    socket_->poll([this](const Json& request) { return answer(request); });
    after_commit();
  }
  if (phase_ != Phase::pausing && stop_.pause.stop_requested()) {
    by_request_ = true;
    pause_all("interrupted");
  }
}

void Loop::check_limits() {
  if (phase_ != Phase::searching) return;
  const double now = clock_.monotonic();
  if (spec_.limits.wall_time && now - started_ >= *spec_.limits.wall_time)
    return pause_all("time limit reached");
  double used = device_seconds_;
  for (auto& [number, trial] : live_) {
    const double seconds = now - trial.launched;
    used += seconds;
    const auto limit = spec_.limits.trial_time;
    if (limit && trial.trained + seconds >= *limit && trial.stop_reason.empty())
      stop_trial(number, "trial_time of " + format_duration(*limit) + " reached");
  }
  if (spec_.limits.device_time && used >= *spec_.limits.device_time)
    pause_all("device time limit reached");
}

void Loop::pause_all(const std::string& why) {
  phase_ = Phase::pausing;
  why_ = why;
  for (const auto& [number, trial] : live_)
    if (!trial.finished) executor_.halt(number, Executor::Halt::pause);
}

void Loop::end_all(const std::string& why) {
  if (phase_ != Phase::searching) return;
  phase_ = Phase::ending;
  why_ = why;
  for (auto& [number, trial] : live_) {
    if (trial.finished) continue;
    trial.stop_reason = why;
    orders_.push_back([this, n = number] { executor_.halt(n, Executor::Halt::stop); });
  }
}

/// The second request: what runs is left as it is in the database, and marked.
bool Loop::abandon() {
  if (!stop_.abandon.stop_requested()) return false;
  phase_ = Phase::pausing;
  by_request_ = true;
  why_ = "interrupted";
  for (const auto& [number, trial] : live_) executor_.halt(number, Executor::Halt::abandon);
  store_.transaction([&] {
    for (const auto& [number, trial] : live_)
      if (!trial.finished && !trial.paused)
        store_.set_state(study_, number, store::State::interrupted, "stopped at once");
  });
  live_.clear();
  return true;
}

void Loop::note(Progress::Kind kind, const Live& trial) {
  Notice notice;
  notice.progress.kind = kind;
  notice.progress.number = trial.number;
  notice.progress.step = trial.committed;
  notice.progress.value = trial.objective.value();
  notice.progress.until = trial.until;
  notice.config = trial.config;
  notices_.push_back(std::move(notice));
}

void Loop::add_event(std::optional<int> number, const std::string& kind, const std::string& text) {
  store_.add_event(study_, {clock_.wall(), number, kind, text});
}

}  // namespace vernier::experiments
