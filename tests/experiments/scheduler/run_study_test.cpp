// Whole runs with the engine on tiny networks.
#include <cmath>
#include <fstream>
#include <map>

#include "core/file.h"
#include "experiments/scheduler/run.h"
#include "experiments/scheduler/warm_start.h"
#include "tests/experiments/support.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;

namespace {

std::string xor_study(const std::string& rest) {
  return "study: tiny\ndata: {set: xor, n: 120}\nmodel: {width: 6}\nseed: 3\nsampler: random\n"
         "parameters: {train.lr: {min: 0.001, max: 0.1, log: true}, model.depth: {min: 1, max: "
         "2}}\n" +
         rest;
}

struct Bench {
  TempFolder folder;
  RunOptions options;
  Bench() { options.db = folder.db(); }
  Summary go(const Spec& spec, const Observer& observer = {}, const StopRequests& stop = {}) const {
    return run_study(spec, options, stop, observer, null_log());
  }
  /// For programs, which run in the study file's folder.
  Spec load_here(const std::string& text) const {
    return load_spec(folder.write("study.yaml", text));
  }
  store::Store read() const { return store::Store::open(options.db, store::Mode::read); }

  std::vector<std::string> rows() const {
    const store::Store db = read();
    const auto study = db.study("tiny").id;
    std::vector<std::string> list;
    for (const auto& t : db.trials(study)) {
      std::string row =
          fmt::format("{} {} {} {} {} '{}'", t.number, t.config.key(), store::to_text(t.state),
                      t.value.value_or(-1), t.steps, t.weights_hash);
      for (const auto& step : db.curve(study, t.number))
        for (const auto& [name, value] : step.results)
          row += fmt::format(" {}.{}={}", step.step, name, value);
      for (const auto& left : db.artifacts(study, t.number))
        row += fmt::format(" {}.{}={}", left.step, left.name, left.blob);
      list.push_back(row);
    }
    return list;
  }
};

}  // namespace

TEST_CASE("two jobs train a study; each trial can be trained again bit for bit") {
  const Bench bench;
  const Spec spec = load(xor_study("train: {epochs: 4}\ntrials: 6\nresources: {jobs: 2}\n"));
  const Summary summary = bench.go(spec);
  CHECK(summary.completed == 6);
  const store::Store db = bench.read();
  const auto study = db.study("tiny");
  CHECK(study.spec_hash == spec.hash());
  CHECK(study.params.size() == 2);
  for (const auto& trial : db.trials(study.id)) {
    CHECK(trial.steps == 4);
    CHECK(!trial.weights_hash.empty());
    CHECK(!trial.device_kind.empty());
  }
  for (const int number : {1, 4}) {
    const RerunReport again = rerun_trial(bench.options, "tiny", number, false, null_log());
    CHECK_MESSAGE(again.equal, again.difference);
    CHECK(again.value == *db.trial(study.id, number).value);
  }
}

TEST_CASE("asha's promoted trials end as if they had never been paused") {
  const Bench bench;
  const Spec spec = load(xor_study(
      "train: {epochs: 9}\nstrategy: {type: asha, eta: 3}\ntrials: 12\nresources: {jobs: 2}\n"));
  const Summary summary = bench.go(spec);
  CHECK(summary.completed + summary.stopped == 12);
  const store::Store db = bench.read();
  int whole = 0;
  for (const auto& trial : db.trials(db.study("tiny").id)) {
    CHECK((trial.steps == 1 || trial.steps == 3 || trial.steps == 9));
    if (trial.steps < 9) continue;
    ++whole;
    const RerunReport again = rerun_trial(bench.options, "tiny", trial.number, false, null_log());
    CHECK_MESSAGE(again.equal, again.difference);
  }
  CHECK(whole >= 1);
}

TEST_CASE("runs stopped at any step and continued end as an uninterrupted one") {
  const Spec spec = load(
      xor_study("train: {epochs: 5, early_stop: {patience: 3}, record: [classes, confusion, map]}\n"
                "trials: 5\nresources: {jobs: 1}\n"));
  const Bench whole;
  (void)whole.go(spec);
  const auto expected = whole.rows();
  for (const bool at_once : {false, true}) {
    const Bench bench;
    int runs = 0;
    for (bool over = false; !over && runs < 100; ++runs) {
      std::stop_source pause, abandon;
      int seen = 0;
      const Summary summary =
          bench.go(spec,
                   [&](const Progress& progress) {
                     if (progress.kind != Progress::Kind::measurement || ++seen < 3) return;
                     pause.request_stop();
                     if (at_once) abandon.request_stop();
                   },
                   {pause.get_token(), abandon.get_token()});
      over = !summary.interrupted;
    }
    CHECK(runs > 3);
    CHECK(bench.rows() == expected);
  }
}

TEST_CASE("a run broken by an error and repeated ends as an uninterrupted one") {
  const Spec spec =
      load(xor_study("train: {epochs: 9}\nstrategy: asha\ntrials: 8\nresources: {jobs: 1}\n"));
  const Bench whole;
  (void)whole.go(spec);
  const Bench bench;
  int breaks = 0;
  for (bool over = false; !over && breaks < 200;) {
    int seen = 0;
    try {
      (void)bench.go(spec, [&](const Progress& progress) {
        if (progress.kind == Progress::Kind::measurement && ++seen == 2)
          throw std::runtime_error("power cut");
      });
      over = true;
    } catch (const std::runtime_error&) {
      ++breaks;
    }
  }
  CHECK(breaks >= 2);  // how many depends on how many steps one turn of the loop finds
  CHECK(bench.rows() == whole.rows());
}

TEST_CASE("claims may change between runs, and change nothing else") {
  const Bench bench;
  const std::string text =
      xor_study("train: {epochs: 2}\nresources: {jobs: 1}\ntrials: 2\n") + "note: first\n";
  const auto with = [&](const std::string& claim) {
    (void)bench.go(load(text + "claim: {arms: model.depth, better: 2, than: " + claim + "}\n"));
    return bench.read().study("tiny");
  };
  const auto before = with("1, within: 0.1");
  CHECK(before.spec["claim"][0]["within"] == 0.1);
  const auto rows = bench.rows();
  const auto after = with("1, margin: 0.2");
  CHECK(after.spec["claim"][0]["margin"] == 0.2);
  CHECK(after.spec_text.find("margin: 0.2") != std::string::npos);
  CHECK(after.spec_hash == before.spec_hash);
  CHECK(bench.rows() == rows);
  (void)bench.go(load(text));
  CHECK_FALSE(bench.read().study("tiny").spec.contains("claim"));
}

TEST_CASE("a study continues to its total, and refuses to continue as another one") {
  const Bench bench;
  const std::string text = xor_study("train: {epochs: 2}\nresources: {jobs: 1}\n");
  (void)bench.go(load(text + "trials: 2\n"));
  CHECK(bench.go(load(text + "trials: 4\n")).completed == 4);
  CHECK(bench.read().study("tiny").trials == 4);
  Overrides longer;
  longer.set = {"train.epochs=3"};
  const std::string why = refusal([&] { (void)bench.go(load(text, longer)); });
  CHECK(contains(why, "train.epochs 2 -> 3"));
  CHECK(contains(why, "--as NAME"));
  longer.study = "other";
  longer.trials = 1;
  CHECK(bench.go(load(text, longer)).completed == 1);
  CHECK(bench.read().studies().size() == 2);
}

TEST_CASE("check tells what a run would do, with estimates, and makes no database") {
  const Bench bench;
  const CheckReport report =
      check_study(load(xor_study("train: {epochs: 2}\ntrials: 6\nresources: {jobs: 2}\n")),
                  bench.options, null_log());
  CHECK(!report.cardinality.has_value());
  CHECK(report.lanes == 2);
  REQUIRE(report.samples.size() == 5);
  REQUIRE(report.estimates.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) {
    REQUIRE(report.estimates[i].has_value());
    // 2 -> 6 (-> 6) -> 2 units with biases
    const bool deep = as_number(*report.samples[i].find("model.depth")) == 2;
    CHECK(report.estimates[i]->parameters == (deep ? 18u + 42u + 14u : 18u + 14u));
    CHECK(report.estimates[i]->bytes > 0);
    CHECK(report.estimates[i]->feasible);
  }
  CHECK(report.predicted_seconds > 0);
  const CheckReport small =
      check_study(load("data: {set: xor, n: 120}\nparameters: {model.depth: {min: 1, max: 2}}\n"
                       "require: [\"parameters <= 10\"]\n"),
                  bench.options, null_log());
  CHECK(small.cardinality == 2);
  CHECK(small.samples.size() == 2);
  CHECK(!small.warnings.empty());
  CHECK(!small.estimates[0]->feasible);
  CHECK(contains(small.estimates[0]->why, "require parameters <= 10"));
  CHECK(!std::filesystem::exists(bench.options.db));
}

TEST_CASE(
    "a search that weighs costs: the same by predicted work each time, refused where it cannot") {
  const auto study = [](const char* per, int trials) {
    std::string text = xor_study(
        fmt::format("train: {{epochs: 2}}\ntrials: {}\nresources: {{jobs: 1}}\n", trials));
    const auto at = text.find("sampler: ");
    REQUIRE(at != std::string::npos);
    return load(text.replace(at, text.find('\n', at) - at,
                             fmt::format("sampler: {{type: gp, per: {}}}", per)));
  };
  const Bench one, two, timed;
  CHECK(one.go(study("flop", 9)).completed == 9);
  (void)two.go(study("flop", 7));
  (void)two.go(study("flop", 9));
  CHECK(one.rows() == two.rows());
  CHECK(timed.go(study("second", 9)).completed == 9);
  Bench strict;
  strict.options.deterministic = true;
  CHECK(contains(refusal([&] { (void)strict.go(study("second", 9)); }),
                 "[sampler.per] second with --deterministic"));
  const Spec program = load(
      "objective: {command: [/bin/true]}\nmetric: loss\nsampler: {type: gp, per: flop}\n"
      "parameters: {x: {min: 0, max: 1.5}}\n");
  CHECK(contains(refusal([&] { (void)strict.go(program); }), "[sampler.per] flop for a program"));
}

TEST_CASE("a refused study leaves no database") {
  const Bench bench;
  for (const char* text :
       {"data: {set: mnist, dir: /no/such/folder}\n", "data: {set: xor}\nmetric: val_r2\n",
        "objective: {command: [/no/such/program]}\nmetric: loss\n",
        "sampler: grid\nparameters: {train.lr: {min: 0.1, max: 0.2}}\n",
        "data: {set: xor}\nresources: {devices: \"gpu:77\"}\n",
        "data: {set: xor}\nsampler: {type: random, initial: 3}\n"}) {
    const std::string why = refusal([&] { (void)bench.go(load(text)); });
    CHECK_MESSAGE(!why.empty(), text);
    CHECK_MESSAGE(contains(why, "["), why);
  }
  CHECK(std::filesystem::is_empty(bench.folder.path()));
}

TEST_CASE("too large a network is infeasible, told before it runs") {
  const Bench bench;
  const Spec spec = load(
      "study: tiny\ndata: {set: xor, n: 120}\ntrain: {epochs: 1}\nsampler: grid\n"
      "parameters: {model.width: {values: [4, 64]}}\nrequire: [\"parameters <= 100\"]\n");
  const Summary summary = bench.go(spec);
  CHECK(summary.completed == 1);
  CHECK(summary.infeasible == 1);
  CHECK(summary.why == "space exhausted");
  const store::Store db = bench.read();
  for (const auto& trial : db.trials(db.study("tiny").id))
    if (trial.state == store::State::infeasible)
      CHECK(contains(trial.reason, "require parameters <= 100: parameters"));
}

TEST_CASE("repeats are stored beside the search, and the test part is measured on request") {
  const Bench bench;
  const Spec spec = load(xor_study("train: {epochs: 3}\ntrials: 2\nresources: {jobs: 1}\n"));
  (void)bench.go(spec);
  const auto values = repeat_trial(bench.options, "tiny", 1, 3, false, null_log());
  CHECK(values.size() == 3);
  {
    const store::Store db = bench.read();
    const auto trials = db.trials(db.study("tiny").id);
    REQUIRE(trials.size() == 5);
    for (std::size_t i = 2; i < 5; ++i) {
      CHECK(trials[i].kind == "repeat");
      CHECK(trials[i].parent == 1);
      CHECK(trials[i].weights_hash != trials[0].weights_hash);
    }
  }
  CHECK(rerun_trial(bench.options, "tiny", 4, false, null_log()).equal);
  const auto kept = test_trial(bench.options, "tiny", 1, null_log());
  const auto trained = rerun_trial(bench.options, "tiny", 1, true, null_log());
  CHECK(!kept.empty());
  CHECK(kept == trained.test);
  // The search goes on beside them: new trials take the next numbers.
  Overrides more;
  more.trials = 4;
  CHECK(bench.go(load(xor_study("train: {epochs: 3}\nresources: {jobs: 1}\n"), more)).completed ==
        4);
  const store::Store db = bench.read();
  CHECK(db.trials(db.study("tiny").id).size() == 7);
  CHECK_THROWS_AS((void)rerun_trial(bench.options, "tiny", 77, false, null_log()), NotFoundError);
  CHECK_THROWS_AS((void)rerun_trial(bench.options, "tinny", 1, false, null_log()), NotFoundError);
}

TEST_CASE("an external program's study runs to its end, and a pause of asha is exact") {
  const Bench bench;
  const Spec spec = load_spec(bench.folder.write(
      "study.yaml",
      "study: tiny\nobjective: {command: [/bin/sh, -c, \"i=$VERNIER_START_STEP; while [ $i -lt "
      "$VERNIER_BUDGET ]; do i=$((i+1)); echo "
      "\\\"{\\\\\\\"step\\\\\\\":$i,\\\\\\\"v\\\\\\\":$i}\\\"; "
      "done\"]}\nmetric: {name: v, goal: minimize, reduce: last}\n"
      "strategy: {type: asha, max_steps: 9}\n"
      "sampler: random\nparameters: {x: {min: 0.0, max: 1.0}}\ntrials: 9\nresources: {jobs: 2}\n"));
  const Summary summary = bench.go(spec);
  CHECK(summary.failed == 0);
  CHECK(summary.completed >= 1);
  CHECK(summary.completed + summary.stopped == 9);
  const store::Store db = bench.read();
  for (const auto& trial : db.trials(db.study("tiny").id)) {
    CHECK((trial.steps == 1 || trial.steps == 3 || trial.steps == 9));
    CHECK(trial.value == trial.steps);
  }
}

TEST_CASE("--amend continues a study in a wider space, with every sampler") {
  for (const char* sampler : {"random", "sobol", "gp", "tpe", "cmaes", "nsga2"}) {
    CAPTURE(sampler);
    Bench bench;
    const auto text = [&](const std::string& high, int trials) {
      return "study: tiny\nobjective: {command: [/bin/sh, -c, \"echo "
             "'{\\\"step\\\":1,\\\"v\\\":1}'\"]}\n"
             "metric: {name: v, goal: minimize}\nseed: 3\nsampler: " +
             std::string(sampler) + "\nparameters: {x: {min: 0.0, max: " + high +
             "}, k: {min: 1, max: 3}}\nresources: {jobs: 1}\ntrials: " + std::to_string(trials) +
             "\n";
    };
    CHECK(bench.go(bench.load_here(text("1.0", 12))).completed == 12);
    CHECK(contains(refusal([&] { (void)bench.go(bench.load_here(text("10.0", 24))); }), "--amend"));
    bench.options.amend = true;
    CHECK(contains(refusal([&] { (void)bench.go(bench.load_here(text("0.5", 24))); }),
                   "a range that holds 0 to 1"));
    const Spec wide = bench.load_here(text("10.0", 24));
    CHECK(bench.go(wide).completed == 24);
    bench.options.amend = false;
    CHECK(bench.go(bench.load_here(text("10.0", 30))).completed ==
          30);  // the same file goes on by itself
    const store::Store db = bench.read();
    const store::StudyRecord study = db.study("tiny");
    CHECK(study.spec_hash == wide.hash());
    CHECK(study.params[0].definition["high"] == 10.0);
    CHECK(spec_from_json(study.spec).amended_after() == 12);
    int beyond = 0;
    for (const auto& trial : db.trials(study.id)) {
      const double x = as_number(*trial.config.find("x"));
      if (trial.number <= 12) CHECK(x <= 1);
      beyond += x > 1;
    }
    CHECK(beyond >= 3);
    int amended = 0;
    for (const auto& event : db.events(study.id)) {
      if (event.kind != "amended") continue;
      ++amended;
      CHECK(contains(event.text, "parameters.x.max 1.0 -> 10.0"));
    }
    CHECK(amended == 1);
  }
}

TEST_CASE(
    "`repeats` trains the best again with other seeds when the search is over, and only what "
    "lacks") {
  const Bench bench;
  const auto text = [](const std::string& repeats, int trials) {
    return xor_study("train: {epochs: 2}\nresources: {jobs: 1}\ntrials: " + std::to_string(trials) +
                     "\n" + repeats);
  };
  const auto repeats_of = [&] {
    const store::Store db = bench.read();
    std::map<int, int> count;
    for (const auto& trial : db.trials(db.study("tiny").id))
      if (trial.kind == "repeat") ++count[trial.parent.value_or(0)];
    return count;
  };
  (void)bench.go(load(text("repeats: {seeds: 2, only: top 2}\n", 4)));
  auto count = repeats_of();
  REQUIRE(count.size() == 2);
  for (const auto& [number, n] : count) CHECK(n == 2);
  (void)bench.go(load(text("repeats: {seeds: 3, only: top 2}\n", 4)));
  count = repeats_of();
  REQUIRE(count.size() == 2);
  for (const auto& [number, n] : count) CHECK(n == 3);
  const store::Store db = bench.read();
  for (const auto& trial : db.trials(db.study("tiny").id))
    if (trial.kind == "repeat") CHECK(trial.state == store::State::completed);
}

TEST_CASE(
    "an earlier study is evidence: in its own space, by its file's settings, and only of the same "
    "metric") {
  const Bench bench;
  const std::string program =
      "objective: {command: [/bin/sh, -c, \"echo '{\\\"step\\\":1,\\\"v\\\":1}'\"]}\nresources: "
      "{jobs: 1}\n";
  const std::string metric = "metric: {name: v, goal: minimize}\n";
  (void)bench.go(
      bench.load_here("study: old\n" + program + metric +
                      "sampler: random\ntrials: 12\nparameters: {x: {min: 0.0, max: 2.0}}\n"));
  const std::string narrower = "parameters: {x: {min: 0.0, max: 1.0}}\n";
  const Spec fresh = bench.load_here("study: tiny\n" + program + metric +
                                     "trials: 4\nwarm_start: [old]\n" + narrower);
  CHECK(bench.go(fresh).completed == 4);
  const store::Store db = bench.read();
  const auto earlier = earlier_studies(db, fresh, fresh.space(), HUGE_VAL);
  REQUIRE(earlier.size() == 1);
  std::size_t inside = 0;
  for (const auto& trial : db.trials(db.study("old").id))
    inside += as_number(*trial.config.find("x")) <= 1;
  CHECK(earlier.front().configs.size() == inside);
  CHECK(earlier.front().values == std::vector<double>(inside, 1.0));
  CHECK_THROWS_AS((void)earlier_studies(db, fresh, fresh.space(), 0.0), UsageError);
  CHECK(load("study: tiny\n" + program + metric + narrower).hash() != fresh.hash());
  const auto refused = [&](const std::string& rest) {
    return refusal([&] { (void)bench.go(bench.load_here("study: new\n" + program + rest)); });
  };
  CHECK(contains(refused("metric: {name: w, goal: minimize}\nwarm_start: [old]\n" + narrower),
                 "has another objective"));
  CHECK(contains(refused(metric + "warm_start: [old]\nparameters: {z: {min: 0.0, max: 1.0}}\n"),
                 "lies in this space"));
  CHECK(contains(refused(metric + "sampler: tpe\nwarm_start: [old]\n" + narrower), "expected gp"));
  CHECK(contains(refused(metric + "warm_start: [new]\n" + narrower), "is this study"));
  CHECK_THROWS_AS((void)bench.go(bench.load_here("study: new\n" + program + metric +
                                                 "warm_start: [odl]\n" + narrower)),
                  NotFoundError);
  CHECK_FALSE(bench.read().find_study("new"));
}
