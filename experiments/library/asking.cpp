// Which trial runs next: new, enqueued, promoted, or interrupted before.
#include <algorithm>
#include <climits>
#include <cmath>

#include "core/error.h"
#include "experiments/library/info.h"
#include "experiments/library/search.h"
#include "experiments/library/space_impl.h"
#include "experiments/scheduler/flipped.h"

namespace vernier::detail {
namespace {

constexpr const char* device = "function";

Search::Next trial_of(int number) { return {Search::Next::Kind::trial, number, ""}; }

}  // namespace

Search::Next Search::next() {
  const auto lock = shared_->lock();
  const auto all_started = [&] {
    return most_ > 0 && static_cast<int>(past_.trials.size() - enqueued_.size()) >= most_;
  };
  if (!enqueued_.empty() && !all_started()) return trial_of(start_enqueued());
  // Until some trial has asked for a parameter there is nothing to propose.
  if (settings_.by_run && growing_.empty() && !all_started()) return trial_of(start({}, {}));
  for (;;) {
    const search::Ask ask = strategy().ask();
    if (const auto* fresh = std::get_if<search::Start>(&ask))
      return trial_of(start(fresh->config, fresh->fit));
    if (const auto* again = std::get_if<search::Resume>(&ask))
      return trial_of(resume(past_.numbering.number(again->number)));
    if (const auto* worst = std::get_if<search::Drop>(&ask)) {
      drop(past_.numbering.number(worst->number));
    } else if (const auto* end = std::get_if<search::Finished>(&ask)) {
      return {Next::Kind::finished, 0, end->why};
    } else {
      return {Next::Kind::wait, 0, ""};
    }
  }
}

int Search::start(Config proposal, std::vector<double> fit) {
  const bool proposed = strategy_ != nullptr;
  search::PastTrial trial;
  trial.number = static_cast<int>(past_.trials.size()) + 1;
  trial.config = proposal;
  trial.fit = std::move(fit);
  const int number = past_.last_number + 1;
  store::NewTrial row;
  row.number = number;
  row.config = proposal;
  row.seed = settings_.seed;
  row.fit = trial.fit;
  commit([&] {
    store().add_trial(study_, row);
    store().set_running(study_, number, device, device);
  });
  Live live;
  live.id = trial.number;
  live.proposal = live.believed = live.stored = proposal;
  if (!settings_.by_run) live.asked = params_of(proposal);
  if (proposed) live.decide_at = strategy_->next_decision(live.id);
  past_.numbering.add(live.id, number);
  past_.last_number = number;
  past_.trials.push_back(std::move(trial));
  live_.emplace(number, std::move(live));
  return number;
}

int Search::start_enqueued() {
  const int number = enqueued_.front();
  Live live = recall(number);
  if (strategy_) live.decide_at = strategy_->next_decision(live.id);
  hand_out(number, std::move(live));
  enqueued_.pop_front();
  return number;
}

/// Promoted: the strategy has it running already.
int Search::resume(int number) {
  Live live = recall(number);
  live.decide_at = strategy_->next_decision(live.id);
  const int id = live.id;
  hand_out(number, std::move(live));
  paused_.erase(number);
  past(id).paused = false;
  return number;
}

std::optional<int> Search::continue_interrupted() {
  const auto lock = shared_->lock();
  if (interrupted_.empty()) return std::nullopt;
  const int number = *interrupted_.begin();
  (void)running(number);
  return number;
}

/// It goes on another time. `trial` is gone afterwards.
void Search::interrupt(int number, Live& trial, const std::string& reason) {
  commit([&] { rest(number, trial, store::State::interrupted, reason); });
  interrupted_.insert(number);
  live_.erase(number);
  told_.notify_all();
}

void Search::hand_out(int number, Live live) {
  commit([&] { store().set_running(study_, number, device, device); });
  live_.insert_or_assign(number, std::move(live));
}

/// A trial of the database, as far as it had come.
Search::Live Search::recall(int number) {
  Live live;
  live.recalled = true;
  live.id = past_.numbering.id(number);
  live.proposal = live.believed = live.stored = past(live.id).config;
  if (!settings_.by_run) live.asked = params_of(live.proposal);
  if (strategy_) live.believed = in_space(past(live.id), nullptr);
  live.attributes = read_attributes(store(), study_, number);
  const auto& [metric, maximize] = settings_.objectives.front();
  for (const store::StepRow& row : store().curve(study_, number)) {
    live.last_step = row.step;
    for (const auto& [name, value] : row.results) {
      if (name != metric || !std::isfinite(value)) continue;
      const double minimised = experiments::flipped(value, maximize);
      if (live.best && *live.best <= minimised) continue;
      live.best = minimised;
      live.best_step = row.step;
    }
  }
  return live;
}

void Search::drop(int number) {
  Live live = recall(number);
  end(number, live, State::stopped, {}, "not promoted");
}

void Search::begin_run(int n) {
  const auto lock = shared_->lock();
  if (run_) fail<UsageError>("[optimize] is running already; expected one at a time");
  if (n < 0) fail<UsageError>("[optimize] {} trials; expected at least 1", n);
  if (n == 0 && settings_.trials == 0)
    fail<UsageError>("[optimize] no number of trials, and the study plans none; expected one");
  const int started = static_cast<int>(past_.trials.size() - enqueued_.size());
  run_ = true;
  run_stopped_ = interrupting_ = false;
  most_ = n > 0 ? started + n : settings_.trials;
  strategy_.reset();
}

void Search::end_run(bool finished) {
  const auto lock = shared_->lock();
  run_ = run_stopped_ = interrupting_ = false;
  most_ = 0;
  strategy_.reset();
  if (!finished) return;
  // A later, larger search sees their rungs.
  for (const int number : std::set<int>(paused_)) drop(number);
}

void Search::wait(double seconds) {
  auto lock = shared_->lock();
  told_.wait_for(lock, std::chrono::duration<double>(seconds));
}

}  // namespace vernier::detail
