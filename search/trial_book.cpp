#include "search/trial_book.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <limits>
#include <utility>

#include "core/error.h"

namespace vernier::search {

namespace {
constexpr double clone_mark = -1;  // a clone's `fit`: (step at which it began, this)

void settle(Observation& seen) {
  if (seen.outcome == Outcome::completed && !seen.value) seen.outcome = Outcome::failed;
  if (seen.outcome != Outcome::infeasible) return;
  // However good: it broke a limit.
  seen.measured = std::exchange(seen.value, std::nullopt);
  seen.values.clear();
}
}  // namespace

double comparable(double value) {
  return std::isnan(value) ? std::numeric_limits<double>::infinity() : value;
}

TrialBook::TrialBook(StrategyContext context)
    : sampler_(std::move(context.sampler)),
      space_(context.space),
      trials_(context.trials),
      max_steps_(context.max_steps) {
  if (!sampler_) fail<UsageError>("[strategy] no sampler; expected one");
  if (max_steps_ < 1)
    fail<UsageError>("[strategy] a training of {} steps; expected at least 1", max_steps_);
  for (const Config& config : context.enqueue) enqueue_.push_back(canonical(config));
  std::reverse(enqueue_.begin(), enqueue_.end());
}

Config TrialBook::canonical(const Config& config) const {
  return space_ ? space_->canonical(config) : config;
}

std::size_t TrialBook::dimensions() const {
  if (space_) return space_->size();
  std::size_t most = 0;
  for (const Observation& known : history_.trials) most = std::max(most, known.config.size());
  return most;
}

std::vector<char> TrialBook::running_by_place() const {
  std::vector<char> runs(history_.trials.size(), false);
  for (const auto& [number, known] : book_) runs[known.place] = known.phase == Phase::running;
  return runs;
}

const TrialBook::Trial& TrialBook::trial(int number) const {
  const auto found = book_.find(number);
  if (found == book_.end())
    fail<UsageError>("[strategy] trial {} is unknown; expected one that was started", number);
  return found->second;
}

TrialBook::Trial& TrialBook::need_running(int number, const char* doing) {
  auto& known = const_cast<Trial&>(trial(number));
  if (known.phase != Phase::running)
    fail<UsageError>(
        "[strategy] trial {} is not running, so it cannot be {}; expected a running one", number,
        doing);
  return known;
}

Resume TrialBook::resume(int number) {
  Trial& known = book_.at(number);
  known.phase = Phase::running;
  wanted_ -= known.wanted;
  known.wanted = known.told_to_pause = false;
  Observation& seen = history_.trials[known.place];
  seen.outcome = Outcome::pending;
  seen.value.reset();  // as after a restart
  ++running_;
  return {number, max_steps_};
}

Start TrialBook::start(Config config, std::vector<double> fit, std::optional<int> clone_of) {
  Observation fresh;
  fresh.number = history_.trials.empty() ? 1 : history_.trials.back().number + 1;
  fresh.config = config;
  fresh.fit = fit;
  Trial& entry = book_[fresh.number];
  entry.place = history_.trials.size();
  if (clone_of) {
    entry.clone_of = clone_of;
    entry.born = book_.at(*clone_of).last_step();
    fresh.fit = fit = {static_cast<double>(entry.born), clone_mark};
  }
  ++running_;
  Start start{fresh.number, std::move(config), max_steps_, clone_of, std::move(fit)};
  history_.trials.push_back(std::move(fresh));
  joined(start.number, entry);
  return start;
}

Drop TrialBook::drop_now(int number) {
  Trial& known = book_.at(number);
  known.phase = Phase::finished;
  Observation& seen = history_.trials[known.place];
  seen.outcome = Outcome::stopped;
  ended(number, known);
  return {number};
}

std::optional<Start> TrialBook::next_trial() {
  if (all_started() || !wants_new()) return std::nullopt;
  Proposal proposal;
  bool found = false;
  while (!enqueue_.empty() && !found) {
    proposal.config = std::move(enqueue_.back());
    enqueue_.pop_back();
    found = std::none_of(history_.trials.begin(), history_.trials.end(),
                         [&](const Observation& known) { return known.config == proposal.config; });
  }
  if (!found) {
    auto proposed = sampler_->propose(sampler_->learns() ? view() : history_);
    if (!proposed) {
      exhausted_ = true;
      return std::nullopt;
    }
    proposal = std::move(*proposed);
  }
  return start(std::move(proposal.config), std::move(proposal.fit), std::nullopt);
}

Ask TrialBook::ask() {
  if (wanted_ > 0)
    for (const auto& [number, known] : book_)
      if (known.wanted) return resume(number);
  if (auto copy = clone()) return start(std::move(copy->config), {}, copy->of);
  if (const auto number = drop()) return drop_now(*number);
  if (const auto number = promotion(false)) return resume(*number);
  if (auto start = next_trial()) return std::move(*start);
  if (running_ > 0) return Wait{};
  if (const auto number = promotion(true)) return resume(*number);
  return Finished{exhausted_ ? "space exhausted" : "all trials done"};
}

int TrialBook::next_decision(int number) const {
  const Trial& known = trial(number);
  const int reported = known.last_step();
  return reported < max_steps_ ? decision_after(number, reported) : INT_MAX;
}

Verdict TrialBook::report(int number, const Report& report) {
  Trial& known = need_running(number, "reported on");
  Observation& seen = history_.trials[known.place];
  seen.steps = std::max(seen.steps, report.step);
  const bool again = !known.decisions.empty() && report.step == known.decisions.back().step;
  if (!again) {
    if (report.step < next_decision(number)) return Verdict::proceed;
    known.decisions.push_back(report);
  }
  const Verdict verdict = decide(number, known);
  known.told_to_pause = verdict == Verdict::pause;
  return verdict;
}

void TrialBook::tell(int number, const Ending& ending) {
  Trial& known = need_running(number, "told");
  Observation& seen = history_.trials[known.place];
  seen.outcome = ending.outcome;
  seen.value = ending.value && std::isfinite(*ending.value) ? ending.value : std::nullopt;
  seen.values = ending.values;
  seen.margins = ending.margins;
  seen.work = ending.work;
  seen.seconds = ending.seconds;
  seen.steps = std::max(seen.steps, ending.steps);
  settle(seen);
  if (ending.outcome == Outcome::pending) {
    known.phase = Phase::paused;
    known.wanted = !known.told_to_pause;
    wanted_ += known.wanted;
  } else {
    known.phase = Phase::finished;
  }
  --running_;
  ended(number, known);
}

void TrialBook::replay(std::span<const PastTrial> trials) {
  for (const PastTrial& past : trials) {
    if (!history_.trials.empty() && past.number <= history_.trials.back().number)
      fail<UsageError>(
          "[strategy] trial {} after trial {} in the replay; expected increasing numbers",
          past.number, history_.trials.back().number);
    Trial known;
    known.place = history_.trials.size();
    Observation seen;
    seen.number = past.number;
    seen.config = past.config;
    seen.outcome = past.outcome;
    seen.value = past.value;
    seen.steps = past.steps;
    seen.values = past.values;
    seen.margins = past.margins;
    seen.work = past.work;
    seen.seconds = past.seconds;
    seen.fit = past.fit;
    if (seen.value && !std::isfinite(*seen.value)) seen.value.reset();
    settle(seen);
    for (const Report& report : past.reports)
      if (known.decisions.empty() || report.step > known.decisions.back().step)
        known.decisions.push_back(report);
    history_.trials.push_back(std::move(seen));
    if (past.paused) {
      known.phase = Phase::paused;
      known.wanted = !waits(known);
      wanted_ += known.wanted;
    } else if (past.outcome == Outcome::pending) {
      ++running_;
    } else {
      known.phase = Phase::finished;
    }
    known.clone_of = past.clone_of;
    if (past.clone_of && past.fit.size() == 2 && past.fit[1] == clone_mark)
      known.born = static_cast<int>(past.fit[0]);
    const Trial& kept = book_[past.number] = std::move(known);
    joined(past.number, kept);
    remembered(past.number, kept);
    if (kept.phase != Phase::running) ended(past.number, kept);
  }
}

int TrialBook::budget_of(int number) const {
  trial(number);
  return max_steps_;
}

}  // namespace vernier::search
