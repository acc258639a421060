// `vernier note`, `tag` and `stop` while a program holds the database: what they send over FILE.sock.
#include <doctest/doctest.h>
#include <unistd.h>
#include <vernier/vernier.h>

#include <filesystem>

#include "store/socket_path.h"
#include "store/store.h"
#include "store/verify.h"
#include "tests/experiments/library/folder.h"

using namespace vernier;

namespace {

/// The text of the error; empty: done.
std::string send(const Folder& folder, const std::string& request) {
  return store::send_to_writer(folder.db(), Json::parse(request)).value("error", "");
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("notes, tags and stops of other processes reach a study that is open") {
  const Folder folder;
  Study other({.name = "t", .database = folder.db()});
  Study study({.name = "s", .database = folder.db()});
  CHECK(contains(send(folder, R"({"do": "stop", "study": "s"})"), "does not run"));
  bool again = false;
  const auto objective = [&](Trial& trial) {
    const double x = trial.suggest_float("x", 0.0, 1.0);
    trial.report(1, x);
    CHECK_FALSE(trial.should_stop());
    if (trial.number() == 1) {
      CHECK(send(folder, R"({"do": "note", "study": "s", "text": "hello"})").empty());
      CHECK(send(folder, R"({"do": "note", "study": "t", "text": "there"})").empty());
      CHECK(send(folder, R"({"do": "tag", "study": "s", "number": 1, "add": ["odd", "new"]})")
                .empty());
      CHECK(send(folder, R"({"do": "tag", "study": "s", "number": 1, "remove": ["new"]})").empty());
      CHECK(
          contains(send(folder, R"({"do": "note", "study": "s", "number": 9, "text": ""})"), "9"));
      CHECK(contains(send(folder, R"({"do": "stop", "study": "u"})"), "u"));
      CHECK(contains(send(folder, R"({"do": "dance", "study": "s"})"), "note, tag or stop"));
      CHECK(contains(send(folder, R"({"do": "note"})"), "expected a request"));
    } else if (trial.number() == 2) {
      CHECK(contains(send(folder, R"({"do": "stop", "study": "s", "number": 1})"), "completed"));
      CHECK(send(folder, R"({"do": "stop", "study": "s", "number": 2})").empty());
      CHECK(trial.should_stop());
      return x + 1;
    } else if (trial.number() == 3) {  // it never asks: what it comes to counts
      CHECK(send(folder, R"({"do": "stop", "study": "s", "number": 3})").empty());
    } else if (trial.number() == 4 && !again) {
      CHECK(send(folder, R"({"do": "stop", "study": "s"})").empty());
      CHECK(trial.should_stop());
    }
    (void)trial.suggest_float("y", 0.0, 1.0);  // the study is amended after the note
    return x;
  };
  study.optimize(objective, 6);
  auto trials = study.trials();
  REQUIRE(trials.size() == 4);
  CHECK(trials[0].state == State::completed);
  CHECK(trials[1].state == State::stopped);
  CHECK(trials[1].reason == "stopped by a person");
  CHECK(trials[1].value == std::get<double>(trials[1].params[0].second));
  CHECK(trials[2].state == State::completed);
  CHECK(trials[3].state == State::interrupted);
  again = true;
  study.optimize([](Trial&) { return 0.0; }, 1);
  trials = study.trials();
  REQUIRE(trials.size() == 5);
  CHECK(trials[3].state == State::completed);
  CHECK(Database(folder.db()).study("s").note == "hello");
  CHECK(Database(folder.db()).study("t").note == "there");
  const auto reader = store::Store::open(folder.db(), store::Mode::read);
  CHECK(reader.trial(reader.study("s").id, 1).tags == std::vector<std::string>{"odd"});
  CHECK(store::verify(folder.db()).findings.empty());
}

TEST_CASE("a stop ends trials that rest: enqueued, interrupted and paused ones") {
  const Folder folder;
  Study study({.name = "s",
               .database = folder.db(),
               .sampler = "random",
               .strategy = "asha",
               .max_steps = 9});
  study.enqueue({{"x", 0.5}});
  CHECK(send(folder, R"({"do": "stop", "study": "s", "number": 1})").empty());
  study.tell(study.ask(), State::interrupted);
  CHECK(send(folder, R"({"do": "stop", "study": "s", "number": 2})").empty());
  int stopped = 0;
  study.optimize(
      [&](Trial& trial) {
        const double x = trial.suggest_float("x", 0.0, 1.0);
        CHECK(trial.number() != stopped);
        for (const TrialInfo& paused : study.trials()) {
          if (stopped || paused.state != State::paused) continue;
          stopped = paused.number;
          CHECK(send(folder,
                     R"({"do": "stop", "study": "s", "number": )" + std::to_string(stopped) + "}")
                    .empty());
        }
        for (int step = trial.last_step().value_or(0) + 1; step <= 9; ++step) {
          trial.report(step, x);
          if (trial.should_stop()) break;
        }
        return x;
      },
      12);
  const auto trials = study.trials();
  CHECK(trials.size() == 14);
  CHECK(trials[0].state == State::stopped);
  CHECK(trials[1].state == State::stopped);
  REQUIRE(stopped > 0);
  const TrialInfo& ended = trials[static_cast<std::size_t>(stopped) - 1];
  CHECK(ended.state == State::stopped);
  CHECK(ended.reason == "stopped by a person");
  CHECK(ended.steps == 1);
  CHECK(store::verify(folder.db()).findings.empty());
}

TEST_CASE("an objective that throws after should_stop ends as one that returns") {
  const Folder folder;
  Study study({.name = "s",
               .database = folder.db(),
               .sampler = "random",
               .strategy = "asha",
               .max_steps = 9});
  int calls = 0;
  study.optimize(
      [&](Trial& trial) {
        ++calls;
        const double x = trial.suggest_float("x", 0.0, 1.0);
        for (int step = trial.last_step().value_or(0) + 1; step <= 9; ++step) {
          trial.report(step, x);
          if (trial.should_stop()) throw TrialStopped();
        }
        return x;
      },
      9);
  CHECK(study.trials().size() == 9);
  CHECK(calls > 9);  // paused ones went on
  CHECK(study.best().steps == 9);
}

TEST_CASE("stop() from within the objective: no further trial, and a search can go on") {
  const Folder folder;
  std::filesystem::path socket;
  {
    Study study({.name = "s", .database = folder.db()});
    CHECK_THROWS_AS(study.stop(), UsageError);
    const auto objective = [&](Trial& trial) {
      if (trial.number() == 3) study.stop();
      return trial.suggest_float("x", 0.0, 1.0);
    };
    study.optimize(objective, 10);
    CHECK(study.trials().size() == 3);
    CHECK(study.trials().back().state == State::completed);
    study.optimize(objective, 2);
    CHECK(study.trials().size() == 5);
    socket = store::socket_path(folder.db());
    CHECK(std::filesystem::exists(socket));
  }
  CHECK_FALSE(std::filesystem::exists(socket));
}
