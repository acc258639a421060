#include "experiments/scheduler/cohort_station.h"

#include <algorithm>
#include <cmath>

#include "core/clock.h"
#include "core/error.h"

namespace vernier::experiments {
namespace {

constexpr double beat_every = 5;  // seconds

/// Sizes of cohorts: few, since each is made ready anew.
int rounded_up(int lanes) {
  int size = 1;
  while (size < lanes) size = size < 4 ? size * 2 : size + size / 4;
  return size;
}

}  // namespace

CohortExecutor::Station::Station(const Spec& spec, const engine::Engine& engine,
                                 engine::DeviceInfo device, std::size_t memory, int lanes,
                                 EventQueue& events)
    : spec_(spec),
      engine_(engine),
      device_(std::move(device)),
      memory_(memory),
      most_(lanes),
      events_(events),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

CohortExecutor::Station::~Station() {
  cancel_ = true;
  thread_.request_stop();
  thread_.join();
}

bool CohortExecutor::Station::has_room(const engine::Estimate& of) const {
  const std::lock_guard lock(mutex_);
  if (dead_ || static_cast<int>(trials_.size()) >= most_) return false;
  std::size_t used = of.bytes, data = of.data_bytes;
  for (const auto& [number, trial] : trials_) {
    used += trial.bytes;
    data = std::max(data, trial.data_bytes);
  }
  return used + data <= memory_;
}

void CohortExecutor::Station::start(const Launch& launch, const engine::Estimate& of) {
  Trial trial;
  trial.launch = launch;
  trial.bytes = of.bytes;
  trial.data_bytes = of.data_bytes;
  const std::lock_guard lock(mutex_);
  if (dead_) return events_.push(ended(trial, Ended::How::lost, "its device is lost"));
  trials_[launch.number] = std::move(trial);
  wake_ = true;
  changed_.notify_one();
}

template <class Change>
void CohortExecutor::Station::change(int number, Change&& change) {
  const std::lock_guard lock(mutex_);
  const auto found = trials_.find(number);
  if (found == trials_.end()) return;
  change(found->second);
  wake_ = true;
  changed_.notify_one();
}

void CohortExecutor::Station::answer(int number, search::Verdict verdict, int decide_at) {
  change(number, [&](Trial& trial) {
    if (!trial.waits) return;
    trial.waits = false;
    trial.launch.decide_at = decide_at;
    if (verdict == search::Verdict::pause) trial.halt = Halt::pause;
    if (verdict == search::Verdict::stop) trial.halt = Halt::stop;
  });
}

void CohortExecutor::Station::halt(int number, Halt how) {
  change(number, [&](Trial& trial) {
    if (trial.halt != Halt::stop && trial.halt != Halt::abandon) trial.halt = how;
  });
}

void CohortExecutor::Station::save(int number) {
  change(number, [](Trial& trial) { trial.save = true; });
}

void CohortExecutor::Station::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      std::unique_lock lock(mutex_);
      const bool busy = turn();
      lock.unlock();
      if (busy) {
        step_all();
        continue;
      }
      lock.lock();
      changed_.wait(lock, stop, [this] { return wake_; });
      wake_ = false;
    } catch (const std::exception& error) {
      lose(error.what());
      return;
    }
  }
}

/// What the scheduler has asked for, between two steps. True where a lane has a step to take. Under the lock: it may not be asked meanwhile.
bool CohortExecutor::Station::turn() {
  wake_ = false;
  admit_new();
  bool busy = false;
  for (auto at = trials_.begin(); at != trials_.end();) {
    Trial& trial = at->second;
    if (attend(trial)) {
      trial.goes = !trial.waits;
      busy = busy || trial.goes;
      ++at;
    } else {
      leave_group(trial);
      at = trials_.erase(at);
    }
  }
  // Lanes without a trial cost memory alone, which make_room() takes back.
  std::erase_if(groups_, [](const auto& group) { return group.second.members.empty(); });
  return busy;
}

/// New trials with the same key enter their cohort together.
void CohortExecutor::Station::admit_new() {
  std::map<std::string, std::vector<Trial*>> arrivals;
  for (auto at = trials_.begin(); at != trials_.end();) {
    Trial& trial = at->second;
    if (trial.lane < 0) {
      try {
        trial.settings = spec_.settings(trial.launch.config, trial.launch.number);
        trial.full = trial.settings.steps();
        trial.key = engine_.cohort_key(trial.settings);
        arrivals[trial.key].push_back(&trial);
      } catch (const UsageError& error) {
        events_.push(ended(trial, Ended::How::failed, error.what()));
        at = trials_.erase(at);
        continue;
      }
    }
    ++at;
  }
  for (const auto& [key, trials] : arrivals) {
    Group& group = groups_[key];
    group.lane_bytes = std::max(group.lane_bytes, trials.front()->bytes);
    const int needed = static_cast<int>(group.members.size() + trials.size());
    if (needed > group.lanes) make_room(group, needed, trials.front()->settings);
    for (Trial* trial : trials) admit(*trial, group);
  }
}

void CohortExecutor::Station::admit(Trial& trial, Group& group) {
  const auto &own = trial.launch.checkpoint, &start = trial.launch.start;
  const bool usable = own && own->device_kind == device_.kind;
  try {
    trial.lane = group.cohort->admit(trial.settings, usable ? &*own : start ? &*start : nullptr);
  } catch (const UsageError& error) {
    trial.halt = Halt::abandon;
    trial.reason = error.what();
    return;
  }
  trial.step = usable ? own->step : 0;
  trial.launch.checkpoint.reset();
  trial.launch.start.reset();
  group.members.push_back(&trial);
}

std::size_t CohortExecutor::Station::held_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [number, trial] : trials_) bytes = std::max(bytes, trial.data_bytes);
  for (const auto& [key, group] : groups_)
    bytes += static_cast<std::size_t>(group.lanes) * group.lane_bytes;
  return bytes;
}

/// The cohort becomes one of at least `needed` lanes: a few more where there is memory, and where it is short the others give up what
/// they do not use. All trials together fit, or they had not been started.
void CohortExecutor::Station::make_room(Group& group, int needed,
                                        const engine::TrialSettings& any) {
  const std::size_t others =
      held_bytes() - static_cast<std::size_t>(group.lanes) * group.lane_bytes;
  const auto fits = [&](int lanes) {
    return others + static_cast<std::size_t>(lanes) * group.lane_bytes <= memory_;
  };
  int lanes = std::min(rounded_up(needed), std::max(most_, needed));
  if (!fits(lanes)) lanes = needed;
  if (!fits(lanes)) {
    for (auto& [key, other] : groups_)
      if (&other != &group && other.lanes > static_cast<int>(other.members.size()))
        resize(other, static_cast<int>(other.members.size()), any);
  }
  resize(group, lanes, any);
}

/// Saved and restored, every lane is exactly as it was. `any`: settings of the group, for one without members.
void CohortExecutor::Station::resize(Group& group, int lanes, const engine::TrialSettings& any) {
  std::vector<engine::Checkpoint> kept;
  for (const Trial* trial : group.members) kept.push_back(group.cohort->save(trial->lane));
  group.cohort.reset();
  group.lanes = lanes;
  if (lanes == 0) return;
  group.cohort = engine_.make_cohort(group.members.empty() ? any : group.members.front()->settings,
                                     device_, lanes);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    Trial& trial = *group.members[i];
    trial.lane = group.cohort->admit(trial.settings, &kept[i]);
  }
}

engine::Cohort& CohortExecutor::Station::cohort_of(const Trial& trial) const {
  return *groups_.at(trial.key).cohort;
}

void CohortExecutor::Station::leave_group(Trial& trial) {
  if (trial.lane < 0) return;
  Group& group = groups_.at(trial.key);
  group.cohort->retire(trial.lane);
  std::erase(group.members, &trial);
}

Ended CohortExecutor::Station::ended(const Trial& trial, Ended::How how, std::string reason) {
  Ended event;
  event.number = trial.launch.number;
  event.fence = trial.launch.fence;
  event.how = how;
  event.reason = std::move(reason);
  return event;
}

/// What is asked of one trial, or due. False: its stretch is over.
bool CohortExecutor::Station::attend(Trial& trial) {
  if (trial.halt == Halt::abandon) {
    const bool refused = !trial.reason.empty();
    events_.push(ended(trial, refused ? Ended::How::failed : Ended::How::stopped,
                       refused ? trial.reason : "abandoned"));
    return false;
  }
  engine::Cohort& cohort = cohort_of(trial);
  if (trial.save)
    events_.push(Saved{trial.launch.number, cohort.save(trial.lane), trial.launch.fence});
  trial.save = false;
  if (trial.over) {
    Ended event = ended(trial, *trial.over, trial.reason);
    if (event.how == Ended::How::completed) {
      event.weights_hash = cohort.weights_hash(trial.lane);
      event.best = cohort.save_best(trial.lane);
    }
    events_.push(std::move(event));
    return false;
  }
  if (trial.waits) return true;
  std::optional<Halt> halt;
  if (trial.halt && (trial.step > 0 || trial.halt == Halt::stop)) halt = trial.halt;
  if (trial.step >= trial.full) {  // all was trained before, its end not written
    trial.over = Ended::How::completed;
    return attend(trial);
  }
  if (!halt && trial.step >= trial.launch.until) halt = Halt::pause;
  if (halt) {
    Ended event = ended(trial, halt == Halt::pause ? Ended::How::paused : Ended::How::stopped, "");
    if (halt == Halt::pause) event.resume = cohort.save(trial.lane);
    events_.push(std::move(event));
    return false;
  }
  return true;
}

void CohortExecutor::Station::step_all() {
  const SystemClock clock;
  const auto heartbeat = [&] {
    const double now = clock.monotonic();
    if (now - told_ < beat_every) return;
    told_ = now;
    for (const auto& [key, group] : groups_)
      for (const Trial* trial : group.members) events_.push(Heartbeat{trial->launch.number});
  };
  for (auto& [key, group] : groups_) {
    std::vector<bool> done(static_cast<std::size_t>(group.lanes));  // their step, or held
    {
      const std::lock_guard lock(mutex_);
      for (const Trial* trial : group.members) {
        // One that was answered since the turn is looked at first: it may have to pause.
        group.cohort->hold(trial->lane, !trial->goes);
        done[static_cast<std::size_t>(trial->lane)] = !trial->goes;
      }
    }
    auto rows = group.cohort->advance(cancel_, heartbeat);
    if (cancel_) return;
    const std::lock_guard lock(mutex_);
    for (engine::MetricRow& row : rows) {
      done[static_cast<std::size_t>(row.lane)] = true;
      const auto member = std::find_if(group.members.begin(), group.members.end(),
                                       [&](const Trial* t) { return t->lane == row.lane; });
      if (member != group.members.end()) take(**member, std::move(row));
    }
    for (Trial* trial : group.members)
      if (!done[static_cast<std::size_t>(trial->lane)])
        trial->over = Ended::How::completed;  // it had ended before
  }
}

void CohortExecutor::Station::take(Trial& trial, engine::MetricRow row) {
  trial.step = row.step;
  if (row.diverged) {
    trial.over = Ended::How::diverged;
    trial.reason = "a loss or weight is not finite at step " + std::to_string(row.step);
  } else if (row.ended) {
    trial.over = Ended::How::completed;
    if (row.step < trial.full) trial.reason = early_stopping_at(row.step);
  }
  trial.waits = !trial.over && row.step >= trial.launch.decide_at;
  events_.push(Measured{trial.launch.number, row.step, std::move(row.results),
                        std::move(row.timings), trial.waits, trial.launch.fence,
                        std::move(row.recorded)});
}

/// The device has failed: nothing on it can be saved.
void CohortExecutor::Station::lose(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  groups_.clear();
  dead_ = true;
  for (const auto& [number, trial] : trials_) events_.push(ended(trial, Ended::How::lost, reason));
  trials_.clear();
  events_.push(DeviceLost{device_.name, reason});
}

}  // namespace vernier::experiments
