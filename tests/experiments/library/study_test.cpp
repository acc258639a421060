#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vernier/vernier.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <limits>
#include <set>
#include <sstream>

#include "store/verify.h"
#include "tests/experiments/library/folder.h"

using namespace vernier;

namespace {

double branin(double x, double y) {
  const double pi = 3.14159265358979323846;
  const double a = y - 5.1 / (4 * pi * pi) * x * x + 5 / pi * x - 6;
  return a * a + 10 * (1 - 1 / (8 * pi)) * std::cos(x) + 10;
}

double branin_trial(Trial& trial) {
  const double x = trial.suggest_float("x", -5, 10);
  return branin(x, trial.suggest_float("y", 0, 15));
}

/// Asks for different things in different branches.
double branches(Trial& trial) {
  const double x = trial.suggest_float("x", 0.0, 1.0);
  if (trial.suggest_categorical("kind", std::vector<std::string>{"a", "b"}) == "a")
    return std::pow(x - 0.3, 2) +
           std::pow(trial.suggest_float("p", 1e-3, 1.0, vernier::log) - 0.1, 2);
  const auto n = trial.suggest_int("n", 1, 4);
  double value = std::fabs(x - 0.7) + 0.1 * static_cast<double>(n);
  if (n >= 3) value += trial.suggest_float("q", 0.0, 1.0, 0.25);
  return value;
}

void check_whole(const std::string& db) { CHECK(store::verify(db).findings.empty()); }

std::string text_of(const Params& params) {
  std::ostringstream text;
  text.precision(17);
  for (const auto& [name, value] : std::map<std::string, Value>(params.begin(), params.end())) {
    text << name << "=" << value.index() << ":";
    if (const auto* number = std::get_if<double>(&value)) text << *number;
    if (const auto* whole = std::get_if<std::int64_t>(&value)) text << *whole;
    if (const auto* word = std::get_if<std::string>(&value)) text << *word;
    text << " ";
  }
  return text.str();
}

}  // namespace

TEST_CASE("the minimum of Branin in 50 trials of gp, in a space that only the objective names") {
  const Folder folder;
  Study study({.name = "branin", .database = folder.db(), .sampler = "gp", .seed = 3});
  study.optimize(branin_trial, 50);
  CHECK(*study.best().value - 0.397887 < 0.01);
  const auto trials = study.trials();
  CHECK(trials.size() == 50);
  // The first is the centre; no two are the same.
  CHECK(std::get<double>(trials[0].params[0].second) == doctest::Approx(2.5));
  std::set<std::string> different;
  for (const TrialInfo& trial : trials) {
    CHECK(trial.state == State::completed);
    CHECK(trial.params.size() == 2);
    different.insert(text_of(trial.params));
  }
  CHECK(different.size() == 50);
  check_whole(folder.db());
}

TEST_CASE(
    "trials keep what they asked for, and a study that is closed and opened goes on the same way") {
  const Folder whole, parts;
  {
    Study study({.name = "s", .database = whole.db(), .seed = 7});
    study.optimize(branches, 24);
  }
  for (const int n : {1, 2, 5, 9, 7}) {
    Study study({.name = "s", .database = parts.db(), .seed = 7});
    study.optimize(branches, n);
  }
  const auto a = Database(whole.db()).trials("s"), b = Database(parts.db()).trials("s");
  REQUIRE(a.size() == 24);
  REQUIRE(b.size() == 24);
  for (std::size_t k = 0; k < a.size(); ++k) {
    CAPTURE(k);
    CHECK(text_of(a[k].params) == text_of(b[k].params));
    CHECK(a[k].value == b[k].value);
    const auto asked = std::map<std::string, Value>(a[k].params.begin(), a[k].params.end());
    const bool is_a = asked.at("kind") == Value(std::string("a"));
    CHECK(asked.contains("p") == is_a);
    CHECK(asked.contains("n") == !is_a);
  }
  const auto params = Database(whole.db()).study("s").params;
  CHECK(std::set<std::string>(params.begin(), params.end()) ==
        std::set<std::string>{"x", "kind", "p", "n", "q"});
  CHECK(Database(whole.db()).study("s").state == "finished");
  check_whole(parts.db());
}

TEST_CASE("exceptions are failed trials; those of wrong usage end the search") {
  const Folder folder;
  Study study({.name = "s", .database = folder.db()});
  study.optimize(
      [](Trial& trial) {
        const double x = trial.suggest_float("x", 0.0, 1.0);
        if (trial.number() == 2) throw std::runtime_error("no such luck");
        if (trial.number() == 3) throw TrialStopped();
        if (trial.number() == 4) return std::nan("");
        return x;
      },
      5);
  const auto trials = study.trials();
  REQUIRE(trials.size() == 5);
  CHECK(trials[1].state == State::failed);
  CHECK(trials[1].reason == "no such luck");
  CHECK(trials[1].params.size() == 1);
  CHECK(trials[2].state == State::stopped);
  CHECK(trials[3].state == State::diverged);
  CHECK(trials[4].state == State::completed);
  const auto wrong = [](Trial& trial) { return trial.suggest_float("x", 1.0, 0.0); };
  CHECK_THROWS_AS(study.optimize(wrong, 5), UsageError);
  CHECK(study.trials().size() == 6);
  CHECK(study.trials().back().state == State::failed);
  const auto other_type = [](Trial& trial) { return double(trial.suggest_int("x", 0, 1)); };
  CHECK_THROWS_WITH_AS(study.optimize(other_type, 5), doctest::Contains("another type"),
                       UsageError);
  check_whole(folder.db());
}

TEST_CASE(
    "an interrupted trial is the first of the next search, with its number, settings and steps") {
  const Folder folder;
  std::string before;
  {
    Study study({.name = "s", .database = folder.db()});
    study.optimize(
        [&](Trial& trial) -> double {
          const double x = trial.suggest_float("x", 0.0, 1.0);
          trial.report(1, x);
          if (trial.number() < 3) return x;
          before = text_of(trial.params());
          throw Interrupted();
        },
        10);
    CHECK(study.trials().size() == 3);
    CHECK(study.trials().back().state == State::interrupted);
  }
  CHECK(Database(folder.db()).study("s").state == "interrupted");
  Study study({.name = "s", .database = folder.db()});
  std::vector<int> numbers;
  study.optimize(
      [&](Trial& trial) {
        numbers.push_back(trial.number());
        const double x = trial.suggest_float("x", 0.0, 1.0);
        if (trial.number() == 3) {
          CHECK(trial.last_step() == 1);
          CHECK(text_of(trial.params()) == before);
        } else {
          CHECK_FALSE(trial.last_step());
        }
        trial.report(1, 99);  // passed over where it was reported
        trial.report(2, x);
        return x;
      },
      2);
  CHECK(numbers == std::vector<int>{3, 4, 5});
  const auto curve = Database(folder.db()).curve("s", 3);
  REQUIRE(curve.size() == 2);
  CHECK(curve[0].metrics[0].second != 99);
  check_whole(folder.db());
}

TEST_CASE("a strategy stops trials, and asha continues the best where they paused") {
  const Folder folder;
  int steps = 0;
  const auto train = [&](Trial& trial) {
    const double x = trial.suggest_float("x", 0.0, 1.0);
    double loss = 1;
    for (int step = trial.last_step().value_or(0) + 1; step <= 9; ++step) {
      ++steps;
      loss = x + 1.0 / step;
      trial.report(step, loss, {{"accuracy", 1 - loss}});
      if (trial.should_stop()) return loss;
    }
    return loss;
  };
  Study median(
      {.name = "median", .database = folder.db(), .sampler = "random", .strategy = "median"});
  median.optimize(train, 20);
  int stopped = 0;
  for (const TrialInfo& trial : median.trials()) {
    stopped += trial.state == State::stopped;
    if (trial.state == State::stopped) CHECK(trial.steps < 9);
    if (trial.state == State::stopped) CHECK(trial.reason.find("median") != std::string::npos);
  }
  CHECK(stopped >= 3);
  steps = 0;
  Study asha({.name = "asha",
              .database = folder.db(),
              .sampler = "random",
              .strategy = "asha",
              .max_steps = 9});
  asha.optimize(train, 18);
  int completed = 0, reported = 0;
  for (const TrialInfo& trial : asha.trials()) {
    completed += trial.state == State::completed;
    reported += trial.steps;
    CHECK((trial.state == State::completed || trial.state == State::stopped));
  }
  CHECK(asha.trials().size() == 18);
  CHECK(completed >= 1);
  CHECK(completed < 9);
  CHECK(reported == steps);  // nothing was trained twice
  CHECK(Database(folder.db()).curve("asha", asha.best().number).size() == 9);
  CHECK(Database(folder.db()).curve("asha", 1)[0].metrics.size() == 2);
  check_whole(folder.db());
}

TEST_CASE("ask and tell, by number too; several at once are different") {
  const Folder folder;
  Study study({.name = "s", .database = folder.db(), .direction = maximize});
  std::set<double> seen;
  std::vector<Trial> asked;
  for (int k = 0; k < 8; ++k) {
    asked.push_back(study.ask());
    seen.insert(asked.back().suggest_float("x", 0.0, 1.0));
  }
  CHECK(seen.size() == 8);
  for (int k = 0; k < 7; ++k) study.tell(asked[k], asked[k].suggest_float("x", 0.0, 1.0));
  CHECK(*study.best().value == doctest::Approx(std::max(*seen.begin(), *study.best().value)));
  Study same({.name = "s", .database = folder.db()});
  CHECK(same.trials().size() == 8);
  CHECK_THROWS_AS(Study({.name = "s", .database = folder.db(), .sampler = "tpe"}), UsageError);
  CHECK_THROWS_AS(same.tell(1, 0.5), UsageError);
  CHECK_THROWS_AS(study.tell(77, 0.5), NotFoundError);
  CHECK_THROWS_AS(study.tell(asked[7], {1.0, 2.0}), UsageError);
  study.tell(8, State::failed, "the machine is gone");
  CHECK(study.trial(8).reason == "the machine is gone");
  const Trial last = study.ask();
  asked.clear();
  { Study other = std::move(study); }
  // `last` keeps the study open; a trial told by number in a later process is tested in python.
  CHECK(Trial(last).number() == 9);
}

TEST_CASE("threads share a study; two studies share a database; another process is refused") {
  const Folder folder;
  Study a({.name = "a", .database = folder.db(), .seed = 1});
  Study b({.name = "b", .database = folder.db(), .sampler = "tpe", .seed = 1});
  std::atomic<int> running = 0, most = 0;
  a.optimize(
      [&](Trial& trial) {
        const int now = ++running;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        const double x = trial.suggest_float("x", -1.0, 1.0);
        while (most < 2) {  // until another one has begun beside it
        }
        --running;
        return x * x;
      },
      24, {.threads = 4});
  CHECK(most >= 2);
  b.optimize(branches, 12);
  CHECK(a.trials().size() == 24);
  std::set<std::string> different;
  for (const TrialInfo& trial : a.trials()) different.insert(text_of(trial.params));
  CHECK(different.size() == 24);
  CHECK(b.trials().size() == 12);
  const pid_t child = fork();
  if (child == 0) {
    int code = 1;
    try {
      (void)a.ask();
    } catch (const Error& error) {
      code = std::string(error.what()).find("fork") == std::string::npos ? 2 : 0;
    }
    _exit(code);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(WEXITSTATUS(status) == 0);
  check_whole(folder.db());
}

TEST_CASE(
    "a space given beforehand: conditions and constraints hold, other names and ranges are "
    "refused") {
  const Folder folder;
  Space space;
  space.add_int("layers", 1, 4).add_int("width", 8, 64, vernier::log);
  space.add_float("drop", 0, 0.5, Scale::linear, "layers >= 2");
  space.add_categorical("act", {std::string("relu"), std::string("tanh")});
  space.add_constraint("layers * width <= 128");
  CHECK_THROWS_AS(space.add_float("drop", 0, 1), UsageError);
  CHECK_THROWS_AS(space.add_float("z", 0, 1, Scale::log), UsageError);
  const StudyOptions options{.name = "s", .database = folder.db(), .space = space};
  {
    Study study(options);
    study.optimize(
        [](Trial& trial) {
          const auto layers = trial.suggest_int("layers", 1, 4);
          const auto width = trial.suggest_int("width", 8, 64, vernier::log);
          CHECK(layers * width <= 128);
          CHECK(trial.params().size() == (layers >= 2 ? 4 : 3));
          if (layers >= 2) return trial.suggest_float("drop", 0, 0.5);
          CHECK_THROWS_WITH_AS(trial.suggest_float("drop", 0, 0.5), doctest::Contains("inactive"),
                               UsageError);
          CHECK_THROWS_AS(trial.suggest_float("dorp", 0, 0.5), UsageError);
          CHECK_THROWS_AS(trial.suggest_int("width", 8, 128, vernier::log), UsageError);
          return 1.0;
        },
        20);
    study.enqueue({{"layers", std::int64_t{2}}, {"width", std::int64_t{64}}});
    CHECK_THROWS_AS(study.enqueue({{"layers", std::int64_t{9}}}), UsageError);
    const Trial first = study.ask();
    CHECK(std::get<std::int64_t>(first.params()[1].second) == 64);
    study.tell(first, 0.5);
  }
  CHECK_NOTHROW(Study({.name = "s", .database = folder.db()}));
  CHECK_NOTHROW(Study(options).ask());
  Space narrower;
  narrower.add_int("layers", 1, 3);
  CHECK_THROWS_AS(Study({.name = "s", .database = folder.db(), .space = narrower}), UsageError);
  check_whole(folder.db());
}

TEST_CASE("several objectives: the front, by gp") {
  const Folder folder;
  Study study({.name = "s",
               .database = folder.db(),
               .directions = {minimize, maximize},
               .metrics = {"cost", "gain"}});
  study.optimize(
      [](Trial& trial) {
        const double x = trial.suggest_float("x", 0.0, 1.0), y = trial.suggest_float("y", 0.0, 1.0);
        return std::vector<double>{x * x + y, 1 - (x - 1) * (x - 1) - y};
      },
      16);
  const auto front = study.front();
  CHECK(front.size() >= 2);
  for (const TrialInfo& one : front)
    for (const TrialInfo& other : study.trials())
      CHECK_FALSE((other.values[0] < one.values[0] && other.values[1] > one.values[1]));
  CHECK(Database(folder.db()).study("s").objectives[1] ==
        std::pair<std::string, Direction>("gain", maximize));
  CHECK_THROWS_AS(study.optimize([](Trial&) { return 1.0; }, 1), UsageError);
}

TEST_CASE(
    "a planned search ends at its total, also after it was opened again; a finite space when it is "
    "tried") {
  const Folder folder;
  const auto objective = [](Trial& trial) { return trial.suggest_float("x", 0.0, 1.0); };
  {
    Study study({.name = "s", .database = folder.db(), .sampler = "sobol", .trials = 6});
    study.optimize(objective, 2);
  }
  Study study({.name = "s", .database = folder.db()});
  study.optimize(objective);
  CHECK(study.trials().size() == 6);
  Study finite({.name = "finite", .database = folder.db(), .sampler = "random"});
  const auto choose = [](Trial& trial) { return double(trial.suggest_int("n", 1, 5)); };
  finite.optimize(choose, 50);
  CHECK(finite.trials().size() == 5);
  CHECK_THROWS_AS(finite.ask(), SpaceExhausted);
  CHECK_THROWS_AS(finite.optimize(choose), UsageError);
}

TEST_CASE("a study that is there keeps what decides its results") {
  const Folder folder;
  const auto with = [&](StudyOptions options) {
    options.name = "s";
    options.database = folder.db();
    Study study(options);
  };
  with({.sampler = "tpe", .direction = maximize, .seed = 4, .note = "first"});
  with({});
  with({.sampler = "tpe", .direction = maximize, .seed = 4, .note = "second"});
  CHECK(Database(folder.db()).study("s").note == "second");
  CHECK_THROWS_WITH_AS(with({.sampler = "gp"}), doctest::Contains("sampler"), UsageError);
  CHECK_THROWS_WITH_AS(with({.direction = minimize}), doctest::Contains("objectives"), UsageError);
  CHECK_THROWS_WITH_AS(with({.seed = 5}), doctest::Contains("seed"), UsageError);
  CHECK_THROWS_AS(with({.strategy = "median"}), UsageError);
  for (const StudyOptions& wrong :
       {StudyOptions{.name = "a b"}, StudyOptions{.name = ""},
        StudyOptions{.name = "t", .sampler = "gpp"}, StudyOptions{.name = "t", .strategy = "asha"},
        StudyOptions{.name = "t", .strategy = "pbt", .max_steps = 9},
        StudyOptions{.name = "t", .trials = -1}, StudyOptions{.name = "t", .metrics = {"a", "b"}},
        StudyOptions{.name = "t", .sampler_options = {{"initial_", std::int64_t{3}}}}}) {
    StudyOptions options = wrong;
    options.database = folder.db() + ".new";
    CHECK_THROWS_AS(Study{options}, UsageError);
    CHECK_FALSE(std::filesystem::exists(options.database));
  }
}

TEST_CASE("attributes, enqueued settings and dynamic ranges are kept") {
  const Folder folder;
  Study study({.name = "s", .database = folder.db()});
  study.enqueue({{"x", 0.125}, {"unused", true}});
  study.optimize(
      [](Trial& trial) {
        const double x = trial.suggest_float("x", 0.0, 1.0);
        CHECK(trial.suggest_float("x", 0.0, 1.0) == x);
        const auto top = trial.suggest_int("top", 2, 6);
        CHECK(trial.suggest_int("under", 1, top) <= top);
        trial.set_attribute("host", "here \"and\" there");
        return x;
      },
      12);
  const auto trials = study.trials();
  CHECK(trials[0].value == 0.125);
  CHECK(trials[0].params.size() == 3);
  CHECK(trials[0].attributes.at("host") == "here \"and\" there");
  check_whole(folder.db());
}
