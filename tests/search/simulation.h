// A study without training: lanes that advance one step at a time, and rows as a store would keep them.
#pragma once
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "search/strategy.h"
#include "tests/search/support.h"

namespace vernier::search::testing {

/// Learning curve of a configuration: towards its score, with a transient that differs. Some diverge.
inline double curve(const Config& config, int step) {
  const double target = score(config);
  return target + (0.3 + std::fmod(target * 7.3, 1)) / step;
}
/// The step at which it fails; 0: never. About a tenth of all.
inline int fails_at(const Config& config) {
  const double hash = std::fmod(score(config) * 9871.0, 1);
  return hash < 0.1 ? 1 + static_cast<int>(hash * 60) : 0;
}

struct Row {
  PastTrial past;
  bool lane = false;
};

class Simulation {
 public:
  struct Setup {
    std::string strategy = "full", sampler = "random";
    Json options = Json::object();
    const Space* space = nullptr;
    std::uint64_t seed = 1;
    int trials = 20, max_steps = 9, jobs = 1;
    bool failures = true;
    std::vector<Config> enqueue = {};
  };

  explicit Simulation(Setup setup)
      : setup_(std::move(setup)), order_({setup_.seed, Stream::order, 0}) {
    connect();
  }

  /// Until the study ends, or `events` have happened. True: it ended.
  bool run(int events = 1000000) {
    while (events_ < events) {
      if (fill()) continue;
      if (lanes_.empty()) return true;
      advance(lanes_.size() == 1 ? 0 : order_.below(lanes_.size()));
    }
    return false;
  }

  /// Kill -9 and the same command again: all that is left are the rows.
  void restart() {
    lanes_.clear();
    connect();
    std::vector<PastTrial> past;
    for (const Row& row : rows) past.push_back(row.past);
    strategy_->replay(past);
    for (const Row& row : rows) {
      const PastTrial& p = row.past;
      if (p.outcome != Outcome::pending || p.paused) continue;
      const bool undecided = !p.reports.empty() && p.reports.back().step == p.steps;
      lanes_.push_back({p.number, strategy_->budget_of(p.number), undecided});
    }
  }

  int running() const { return static_cast<int>(lanes_.size()); }
  Strategy& strategy() { return *strategy_; }

  std::vector<Row> rows;         // by number - 1
  std::vector<std::string> log;  // what was asked for, in order
  std::string why;               // of Finished
  int steps_trained = 0;

 private:
  struct Lane {
    int number = 0, until = 0;
    bool undecided = false;  // a decision step is stored, its verdict not yet asked for
  };

  void connect() {
    StrategyContext context;
    context.sampler = sampler_for(setup_.sampler, *setup_.space, setup_.seed);
    context.trials = setup_.trials;
    context.max_steps = setup_.max_steps;
    context.options = setup_.options;
    context.space = setup_.space;
    context.enqueue = setup_.enqueue;
    context.seed = setup_.seed;
    if (setup_.strategy == "threshold" && !context.options.contains("worse_than"))
      context.options["worse_than"] = 2.5;
    strategy_ = make_strategy(setup_.strategy, std::move(context));
  }

  PastTrial& past(int number) { return rows.at(static_cast<std::size_t>(number) - 1).past; }

  /// Takes up one proposal; false: no lane free or nothing to do.
  bool fill() {
    if (running() >= setup_.jobs) return false;
    const Ask ask = strategy_->ask();
    if (const auto* start = std::get_if<Start>(&ask)) {
      REQUIRE(start->number == static_cast<int>(rows.size()) + 1);
      Row row;
      row.past.number = start->number;
      row.past.config = start->config;
      row.past.fit = start->fit;
      if (start->clone_of) {
        REQUIRE(past(*start->clone_of).paused);
        row.past.clone_of = start->clone_of;
        row.past.steps = past(*start->clone_of).steps;
      }
      rows.push_back(row);
      log.push_back("start " + std::to_string(start->number) + " " + start->config.key());
      lanes_.push_back({start->number, start->until});
    } else if (const auto* resume = std::get_if<Resume>(&ask)) {
      REQUIRE(past(resume->number).paused);
      past(resume->number).paused = false;
      log.push_back("resume " + std::to_string(resume->number));
      lanes_.push_back({resume->number, resume->until});
    } else if (const auto* drop = std::get_if<Drop>(&ask)) {
      PastTrial& dropped = past(drop->number);
      REQUIRE(dropped.paused);
      dropped.paused = false;
      dropped.outcome = Outcome::stopped;
      dropped.value = curve(dropped.config, dropped.steps);
      log.push_back("drop " + std::to_string(drop->number));
    } else {
      if (const auto* finished = std::get_if<Finished>(&ask)) {
        REQUIRE(lanes_.empty());
        why = finished->why;
      } else {
        REQUIRE_FALSE(lanes_.empty());  // waiting for nothing would be for ever
      }
      return false;
    }
    ++events_;
    return true;
  }

  void end(std::size_t lane, Outcome outcome, bool with_value) {
    PastTrial& p = past(lanes_[lane].number);
    p.outcome = outcome;
    p.paused = outcome == Outcome::pending;
    if (with_value) p.value = curve(p.config, p.steps);
    strategy_->tell(p.number, {outcome, p.value, p.steps});
    lanes_.erase(lanes_.begin() + static_cast<std::ptrdiff_t>(lane));
  }

  /// One event: a step is trained and stored, or the verdict on the stored one is carried out.
  void advance(std::size_t lane) {
    ++events_;
    Lane& now = lanes_[lane];
    PastTrial& p = past(now.number);
    if (now.undecided) {
      now.undecided = false;
      const Verdict verdict = strategy_->report(p.number, p.reports.back());
      if (verdict == Verdict::pause) end(lane, Outcome::pending, false);
      if (verdict == Verdict::stop) end(lane, Outcome::stopped, true);
      return;
    }
    if (p.steps >= now.until) return end(lane, Outcome::completed, true);
    ++p.steps;
    ++steps_trained;
    if (setup_.failures && fails_at(p.config) == p.steps)
      return end(lane, Outcome::diverged, false);
    const Report report{p.steps, curve(p.config, p.steps)};
    now.undecided = strategy_->next_decision(p.number) == p.steps;
    if (now.undecided) {
      p.reports.push_back(report);
    } else {
      CHECK(strategy_->report(p.number, report) == Verdict::proceed);
    }
  }

  Setup setup_;
  Rng order_;
  std::unique_ptr<Strategy> strategy_;
  std::vector<Lane> lanes_;
  int events_ = 0;
};

/// All trials were started, each allowed, none twice, and none is left running.
inline void check_rows(const Simulation& study, const Space& space, int trials) {
  std::set<std::string> keys;
  CHECK(static_cast<int>(study.rows.size()) == trials);
  for (const Row& row : study.rows) {
    CHECK(keys.insert(row.past.config.key()).second);
    CHECK_NOTHROW(space.check(row.past.config));
    CHECK(space.satisfies(row.past.config));
    CHECK((row.past.outcome != Outcome::pending || row.past.paused));
  }
}

}  // namespace vernier::search::testing
