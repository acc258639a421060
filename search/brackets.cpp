#include "search/brackets.h"

#include <algorithm>
#include <climits>
#include <cmath>

namespace vernier::search {

Brackets::Brackets(StrategyContext context, const std::vector<int>& steps, int eta,
                   std::vector<Bracket> cycle)
    : TrialBook(std::move(context)), eta_(eta), rungs_(steps), cycle_(std::move(cycle)) {}

void Brackets::joined(int number, const Trial&) {
  const bool full = groups_.empty() ||
                    static_cast<int>(groups_.back().members.size()) >= groups_.back().plan.trials;
  if (full) groups_.push_back({cycle_[groups_.size() % cycle_.size()], {}});
  groups_.back().members.push_back(number);
  groups_of_[number] = groups_.size() - 1;
}

int Brackets::decision_after(int number, int step) const {
  for (std::size_t k = first_of(number); k + 1 < rungs_.size(); ++k)
    if (rungs_.step(k) > step) return rungs_.step(k);
  return INT_MAX;
}

void Brackets::enter(int number, const Report& report) {
  rungs_.reach(number, report.step, comparable(report.value), first_of(number));
}

Verdict Brackets::decide(int number, const Trial& trial) {
  enter(number, trial.decisions.back());
  std::optional<int> next = next_of(groups_[group_of(number)], number, false);
  // The only one that runs, and none is left to start: what ask() does at the very end.
  if (!next && all_started() && running() == 1 && !promotion(false))
    for (std::size_t i = open_; i < groups_.size() && !next; ++i)
      next = next_of(groups_[i], number, true);
  return next == number ? Verdict::proceed : Verdict::pause;
}

void Brackets::remembered(int number, const Trial& trial) {
  for (const Report& report : trial.decisions) enter(number, report);
}

void Brackets::ended(int number, const Trial& trial) {
  const Observation& seen = observation(trial);
  if (seen.outcome == Outcome::completed) rungs_.complete(number, *seen.value, first_of(number));
  if (seen.outcome != Outcome::completed && seen.outcome != Outcome::pending)
    rungs_.lose(number, first_of(number));
}

bool Brackets::waits(const Trial& trial) const {
  return !trial.decisions.empty() && trial.decisions.back().step == observation(trial).steps;
}

std::vector<Brackets::Decision> Brackets::decisions(const Group& group, bool last_call) const {
  std::vector<Decision> made;
  const bool closed =
      last_call || all_started() || static_cast<int>(group.members.size()) >= group.plan.trials;
  if (!closed) return made;
  std::vector<int> going = group.members;
  for (std::size_t k = group.plan.first; k + 1 < rungs_.size() && !going.empty(); ++k) {
    std::vector<std::pair<double, int>> ranking;
    for (const int number : going)
      if (rungs_.has(k, number)) ranking.emplace_back(rungs_.value(k, number), number);
    if (ranking.size() < going.size()) break;
    std::sort(ranking.begin(), ranking.end());
    std::size_t quota = ranking.size() / static_cast<std::size_t>(eta_);
    if (last_call) quota = std::max<std::size_t>(quota, 1);
    going.clear();
    for (const auto& [value, number] : ranking) {
      if (going.size() == quota || std::isinf(value)) break;
      // One that a person stopped makes room for the next.
      const bool came = rungs_.has(k + 1, number) && std::isfinite(rungs_.value(k + 1, number));
      if (observation(trial(number)).outcome == Outcome::stopped && !came) continue;
      going.push_back(number);
    }
    made.push_back({k, going});
  }
  return made;
}

std::optional<int> Brackets::next_of(const Group& group, int also, bool last_call) const {
  for (const Decision& decision : decisions(group, last_call)) {
    for (const int number : decision.chosen) {
      if (rungs_.has(decision.rung + 1, number)) continue;
      if (number == also) return number;
      const Trial& known = trial(number);
      if (known.phase == Phase::paused && !known.wanted) return number;
    }
  }
  return std::nullopt;
}

void Brackets::note_over() {
  for (std::size_t i = open_; i < groups_.size(); ++i) {
    Group& group = groups_[i];
    if (group.over || static_cast<int>(group.members.size()) < group.plan.trials) continue;
    group.over = std::all_of(group.members.begin(), group.members.end(),
                             [&](int number) { return trial(number).phase == Phase::finished; });
  }
  while (open_ < groups_.size() && groups_[open_].over) ++open_;
}

std::optional<int> Brackets::promotion(bool last_call) {
  note_over();
  for (std::size_t i = open_; i < groups_.size(); ++i)
    if (const auto number = groups_[i].over ? std::nullopt : next_of(groups_[i], 0, last_call))
      return number;
  return std::nullopt;
}

std::optional<int> Brackets::drop() {
  for (std::size_t i = open_; i < groups_.size(); ++i) {
    if (groups_[i].over) continue;
    for (const Decision& decision : decisions(groups_[i], false)) {
      if (decision.chosen.empty()) continue;  // the last call may yet choose one
      for (const int number : groups_[i].members) {
        const Trial& known = trial(number);
        if (known.phase != Phase::paused || known.wanted) continue;
        if (!rungs_.has(decision.rung, number) || rungs_.has(decision.rung + 1, number)) continue;
        const auto& chosen = decision.chosen;
        if (std::find(chosen.begin(), chosen.end(), number) == chosen.end()) return number;
      }
    }
  }
  return std::nullopt;
}

const History& Brackets::view() {
  rungs_.update_view(history(), running_by_place(), view_);
  return view_;
}

}  // namespace vernier::search
