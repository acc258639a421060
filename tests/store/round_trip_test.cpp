// What was written is what is read, by the writer and by a reader of the same file.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "store/verify.h"
#include "tests/store/helpers.h"

namespace vernier::store::test {

TEST_CASE("a study comes back as it was created") {
  const TempFolder folder;
  Store writer = Store::open(folder.db(), Mode::write);
  const NewStudy study =
      small_study("quote ' \" <script>alert(1)</script> \xC3\xA9 % ; DROP TABLE study; --");
  const StudyId id = writer.create_study(study);
  const Store reader = Store::open(folder.db(), Mode::read);
  const StudyRecord read = reader.study(study.name);
  CHECK(read.id == id);
  CHECK(read.name == study.name);
  CHECK(read.note == study.note);
  CHECK(read.spec == study.spec);
  CHECK(read.spec_text == study.spec_text);
  CHECK(read.seed == study.seed);
  CHECK(read.trials == 5);
  CHECK(read.state == "running");
  CHECK(read.created > 1.6e9);
  REQUIRE(read.params.size() == 5);
  CHECK(read.params[1].name == "train.lr");
  CHECK(read.params[1].type == "float");
  CHECK(read.params[1].definition == study.params[1].definition);
  CHECK(read.objectives == study.objectives);
  CHECK(reader.metric_names(id) == std::vector<std::string>{"val_acc"});
  writer.set_study(id, "finished", 9);
  CHECK(reader.studies().at(0).state == "finished");
  CHECK(reader.studies().at(0).trials == 9);
  CHECK_FALSE(reader.find_study("other"));
  CHECK_THROWS_AS(reader.study("quote"), NotFoundError);
  CHECK_THROWS_AS(reader.trials(77), NotFoundError);
  CHECK(contains(store_error([&] { writer.create_study(study); }), "is there already"));
}

TEST_CASE("an amended study keeps its trials and takes new definitions; nothing else changes") {
  const TempFolder folder;
  Store writer = Store::open(folder.db(), Mode::write);
  const StudyId id = writer.create_study(small_study());
  whole_trial(writer, id, 1);
  NewStudy wider = small_study();
  wider.spec = Json{{"study", "mnist"}, {"wider", true}};
  wider.spec_text = "study: mnist # wider\n";
  wider.spec_hash = "def";
  wider.params[1].definition["high"] = 10.0;
  writer.amend_study(id, wider);
  const Store reader = Store::open(folder.db(), Mode::read);
  const StudyRecord read = reader.study("mnist");
  CHECK(read.spec == wider.spec);
  CHECK(read.spec_text == wider.spec_text);
  CHECK(read.spec_hash == "def");
  CHECK(read.params[1].definition["high"] == 10.0);
  CHECK(read.params[0].definition == wider.params[0].definition);
  CHECK(reader.trials(id).size() == 1);
  CHECK(verify(folder.db()).findings.empty());
  NewStudy other = wider;
  other.params[0].type = "float";
  CHECK(contains(store_error([&] { writer.amend_study(id, other); }), "cannot be amended"));
  other = wider;
  other.sampler = "tpe";
  CHECK(contains(store_error([&] { writer.amend_study(id, other); }), "cannot be amended"));
  other = wider;
  other.params.pop_back();
  CHECK(contains(store_error([&] { writer.amend_study(id, other); }), "cannot be amended"));
  CHECK(reader.study("mnist").spec_hash == "def");
  CHECK_THROWS_AS(writer.amend_study(77, wider), NotFoundError);
}

TEST_CASE(
    "parameters that an objective asks for while it runs are added; earlier trials lack them") {
  const TempFolder folder;
  Store writer = Store::open(folder.db(), Mode::write);
  NewStudy study = small_study();
  const StudyId id = writer.create_study(study);
  whole_trial(writer, id, 1);
  NewTrial asked;
  asked.number = 2;
  asked.fit = {1, 2};
  writer.add_trial(id, asked);
  writer.set_running(id, 2, "program", "function");
  study.params.push_back({"Train.LR", "float", Json{{"low", 0.0}, {"high", 1.0}}});
  study.params.push_back({"on", "bool", Json::object()});
  Config config;
  config.set("Train.LR", 0.25);
  config.set("on", true);
  writer.transaction([&] {
    writer.amend_study(id, study);
    writer.set_config(id, 2, config);
  });
  TrialEnd end;
  end.value = 0.5;
  writer.finish_trial(id, 2, end);
  CHECK(contains(store_error([&] { writer.set_config(id, 2, config); }), "its settings stay"));
  CHECK_THROWS_AS(writer.set_config(id, 3, config), NotFoundError);
  const Store reader = Store::open(folder.db(), Mode::read);
  CHECK(reader.study(study.name).params.size() == study.params.size());
  CHECK(reader.trial(id, 2).config == config);
  CHECK_FALSE(reader.trial(id, 1).config.find("on"));
  CHECK(verify(folder.db()).findings.empty());
}

TEST_CASE("objectives and facts of finished trials, and whether anything changed") {
  const TempFolder folder;
  Store writer = Store::open(folder.db(), Mode::write);
  NewStudy study = small_study();
  study.objectives = {{"val_acc", true}, {"latency", false}};
  const StudyId id = writer.create_study(study);
  whole_trial(writer, id, 1);
  const Store reader = Store::open(folder.db(), Mode::read);
  const auto before = reader.data_version();
  CHECK(reader.data_version() == before);
  writer.add_trial(id, small_trial(2));
  CHECK(reader.data_version() != before);
  writer.set_running(id, 2, "cpu0", "cpu-avx2");
  TrialEnd end;
  end.value = 0.5;
  end.objectives = {0.5, 12.5};
  writer.finish_trial(id, 2, end);
  const auto objectives = reader.objectives(id);
  CHECK(objectives.size() == 1);
  CHECK(objectives.at(2) == std::vector<double>{0.5, 12.5});
  const auto facts = reader.facts(id);
  CHECK(facts.at(1) == NamedValues{{"parameters", 2000}, {"flops", 2e6}, {"bytes", 4e3}});
  CHECK_FALSE(facts.contains(2));
  CHECK_THROWS_AS(reader.facts(77), NotFoundError);
}

TEST_CASE("names that would harm are refused with a reason") {
  const TempFolder folder;
  Store writer = Store::open(folder.db(), Mode::write);
  CHECK(contains(store_error([&] { writer.create_study(small_study(std::string(10000, 'x'))); }),
                 "at most 200"));
  CHECK(contains(store_error([&] { writer.create_study(small_study("")); }), "needs a name"));
  CHECK(contains(store_error([&] { writer.create_study(small_study("a\x1b[31mb")); }), "control"));
  CHECK(contains(store_error([&] { writer.create_study(small_study("a\xFF")); }), "UTF-8"));
  CHECK(contains(store_error([&] { writer.create_study(small_study(std::string("a\0b", 3))); }),
                 "control"));
  CHECK(writer.studies().empty());
}

TEST_CASE("parameters whose names differ in case alone, or are hostile, keep their values") {
  const TempFolder folder;
  Store writer = Store::open(folder.db(), Mode::write);
  NewStudy study = small_study();
  study.params = {{"a", "float", Json::object()},
                  {"A", "float", Json::object()},
                  {"number", "int", Json::object()},
                  {"x\"; DROP TABLE study; --", "categorical", Json::object()},
                  {std::string(10000, 'l'), "int", Json::object()}};
  const StudyId id = writer.create_study(study);
  NewTrial trial;
  trial.config.set("a", 1.5);
  trial.config.set("A", 2.5);
  trial.config.set("number", std::int64_t{17});
  trial.config.set("x\"; DROP TABLE study; --", std::string("'; DROP TABLE trial; --"));
  writer.add_trial(id, trial);
  CHECK(writer.trial(id, 0).config == trial.config);
}

TEST_CASE("a trial's life: every field, hot and sealed curves alike") {
  const TempFolder folder;
  Store writer = Store::open(folder.db(), Mode::write);
  const StudyId id = writer.create_study(small_study());
  NewTrial trial = small_trial(3);
  trial.kind = "repeat";
  trial.parent = 1;
  trial.enqueued = true;
  trial.seed = 0x8000000000000001ull;
  trial.fit = {0.25, -1e300, 5e-324};
  writer.add_trial(id, trial);
  CHECK(writer.trial(id, 3).state == State::waiting);
  writer.set_running(id, 3, "cpu1", "cpu-avx512");
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               inf = std::numeric_limits<double>::infinity();
  std::vector<StepRow> rows = {
      {1, {{"loss", 0.1}, {"val_acc", 0.5}}, {{"seconds", 2.0}}},
      {2, {{"loss", nan}, {"val_acc", 0.75}}, {{"seconds", 3.0}, {"memory", 1e9}}},
      {5, {{"loss", -inf}, {"val_acc", 0.25}, {"late", 1e-320}}, {{"seconds", 0.5}}}};
  for (const auto& row : rows) writer.add_step(id, 3, row, 0.75);

  const auto check_curve = [&](const Store& store) {
    const auto read = store.curve(id, 3);
    REQUIRE(read.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      CHECK(read[i].step == rows[i].step);
      REQUIRE(read[i].results.size() == rows[i].results.size());
      for (std::size_t j = 0; j < rows[i].results.size(); ++j) {
        CHECK(read[i].results[j].first == rows[i].results[j].first);
        const double a = read[i].results[j].second, b = rows[i].results[j].second;
        CHECK((a == b || (std::isnan(a) && std::isnan(b))));
      }
      CHECK(read[i].timings == rows[i].timings);
    }
  };
  const Store reader = Store::open(folder.db(), Mode::read);
  check_curve(writer);
  check_curve(reader);
  TrialRecord now = reader.trial(id, 3);
  CHECK(now.state == State::running);
  CHECK(now.steps == 5);
  CHECK(now.seconds == doctest::Approx(5.5).epsilon(0.01));
  CHECK(now.value == 0.75);
  CHECK_FALSE(now.ended);

  TrialEnd end;
  end.value = 0.75;
  end.best_step = 2;
  end.objectives = {0.75, nan};
  end.weights_hash = "ffee";
  end.reason = "patience";
  end.facts = {{"parameters", 1e6}};
  writer.finish_trial(id, 3, end);
  check_curve(writer);
  check_curve(reader);
  now = reader.trial(id, 3);
  CHECK(now.state == State::completed);
  CHECK(now.config == trial.config);
  CHECK(now.kind == "repeat");
  CHECK(now.parent == 1);
  CHECK(now.enqueued);
  CHECK(now.seed == trial.seed);
  CHECK(now.fit == trial.fit);
  CHECK(now.best_step == 2);
  CHECK(now.weights_hash == "ffee");
  CHECK(now.reason == "patience");
  CHECK(now.device == "cpu1");
  CHECK(now.device_kind == "cpu-avx512");
  CHECK(*now.ended >= *now.started);
  CHECK(reader.metric_names(id) == std::vector<std::string>{"val_acc", "loss", "late"});

  // A finished trial stays as it is; equal steps are accepted.
  writer.add_step(id, 3, rows[1], 0.1);
  CHECK(contains(store_error([&] {
                   writer.add_step(id, 3, {6, {{"loss", 1.0}}, {}}, {});
                 }),
                 "completed"));
  CHECK(contains(store_error([&] { writer.finish_trial(id, 3, end); }), "cannot go"));
  CHECK(contains(store_error([&] { writer.set_state(id, 3, State::waiting); }), "cannot go"));
  CHECK(contains(store_error([&] { writer.set_running(id, 3, "", ""); }), "cannot run again"));
  CHECK(contains(store_error([&] { writer.discard_steps(id, 3, ""); }), "stay"));
  CHECK(writer.trial(id, 3).value == 0.75);
}

TEST_CASE("a replayed step must equal the stored one, and is not written twice") {
  const TempFolder folder;
  Store writer = Store::open(folder.db(), Mode::write);
  const StudyId id = writer.create_study(small_study());
  writer.add_trial(id, small_trial(0));
  writer.set_running(id, 0, "cpu0", "cpu");
  StepRow row{1, {{"loss", 0.5}, {"val_acc", 0.25}}, {{"seconds", 1.0}}};
  writer.add_step(id, 0, row, 0.25);
  row.timings = {{"seconds", 9.0}};  // the first writing stands
  writer.add_step(id, 0, row, 0.25);
  REQUIRE(writer.curve(id, 0).size() == 1);
  CHECK(writer.curve(id, 0)[0].timings[0].second == 1.0);
  CHECK(writer.trial(id, 0).seconds == 1.0);
  const auto changed = [&](StepRow other) {
    return store_error([&] { writer.add_step(id, 0, other, 0.25); });
  };
  CHECK(contains(changed({1, {{"loss", 0.5}, {"val_acc", std::nextafter(0.25, 1.0)}}, {}}),
                 "not reproducible"));
  CHECK(
      contains(changed({1, {{"loss", 0.5}, {"val_acc", 0.26}}, {}}), "val_acc was 0.25, now 0.26"));
  CHECK(contains(changed({1, {{"loss", 0.5}}, {}}), "now missing"));
  CHECK(contains(changed({1, {{"loss", 0.5}, {"val_acc", 0.25}, {"new", 1.0}}, {}}),
                 "new was missing"));
  writer.add_step(id, 0, {4, {{"loss", 0.1}}, {}}, 0.25);
  CHECK(contains(changed({2, {{"loss", 0.5}}, {}}), "step 2 was not measured before"));
  CHECK(contains(changed({-1, {}, {}}), "negative"));
  CHECK_THROWS_AS(writer.add_step(id, 9, {1, {}, {}}, {}), NotFoundError);

  writer.save_checkpoint(id, 0, {1, "cpu", "resume", {std::byte{1}}});
  writer.add_rung(id, {0, 1, 0.5});
  writer.add_artifact(id, 0, {1, "map", "decision_map", "{}"});
  writer.add_artifact(id, 0, {1, "log", "log", "why"});
  writer.discard_steps(id, 0, "another kind of device");
  CHECK(writer.curve(id, 0).empty());
  CHECK(writer.trial(id, 0).steps == 0);
  CHECK_FALSE(writer.trial(id, 0).value);
  CHECK_FALSE(writer.load_checkpoint(id, 0, "resume"));
  CHECK(writer.rungs(id).empty());
  REQUIRE(writer.artifacts(id, 0).size() == 1);
  CHECK(writer.artifacts(id, 0)[0].name == "log");
  CHECK(writer.events(id).at(0).text == "another kind of device");
  writer.add_step(id, 0, {1, {{"loss", 7.0}}, {}}, {});
}

TEST_CASE("rungs keep their order; equal ones are accepted, others not") {
  const TempFolder folder;
  Store writer = Store::open(folder.db(), Mode::write);
  const StudyId id = writer.create_study(small_study());
  for (int n = 0; n < 3; ++n) writer.add_trial(id, small_trial(n));
  writer.add_rung(id, {2, 1, 0.5});
  writer.add_rung(id, {0, 1, std::nan("")});
  writer.add_rung(id, {1, 1, 0.25});
  writer.add_rung(id, {2, 1, 0.5});
  writer.add_rung(id, {0, 1, std::nan("")});
  CHECK(contains(store_error([&] { writer.add_rung(id, {2, 1, 0.6}); }), "not reproducible"));
  const auto rungs = writer.rungs(id);
  REQUIRE(rungs.size() == 3);
  CHECK(rungs[0].number == 2);
  CHECK(std::isnan(rungs[1].value));
  CHECK(rungs[2].value == 0.25);
}

TEST_CASE("notes, tags, events and artifacts") {
  const TempFolder folder;
  Store writer = Store::open(folder.db(), Mode::write);
  const StudyId id = writer.create_study(small_study());
  writer.add_trial(id, small_trial(0));
  writer.set_note(id, 0, "look 'here'");
  writer.set_note(id, std::nullopt, "study's");
  const std::vector<std::string> add{"final", "b", "final"}, remove{"b", "none"};
  writer.set_tags(id, 0, add, {});
  writer.set_tags(id, 0, {}, remove);
  writer.set_tags(id, std::nullopt, add, {});
  CHECK(writer.trial(id, 0).note == "look 'here'");
  CHECK(writer.trial(id, 0).tags == std::vector<std::string>{"final"});
  CHECK(writer.trials(id).at(0).tags == std::vector<std::string>{"final"});
  CHECK(writer.trials(id).at(0).note == "look 'here'");
  CHECK(writer.study("mnist").note == "study's");
  CHECK_THROWS_AS(writer.set_note(id, 5, "x"), NotFoundError);
  writer.add_event(id, {1234.5, 0, "paused", "by hand"});
  writer.add_event(id, {0, std::nullopt, "note", ""});
  REQUIRE(writer.events(id).size() == 2);
  CHECK(writer.events(id)[0].wall == 1234.5);
  CHECK(writer.events(id)[1].wall > 1e9);
  const std::string log("line\0two", 8), large(3'000'000, 'z');
  writer.add_artifact(id, 0, {2, "log", "log", log});
  writer.add_artifact(id, 0, {3, "picture", "png", large});
  const auto artifacts = writer.artifacts(id, 0);
  REQUIRE(artifacts.size() == 2);
  CHECK(artifacts[0].blob == log);
  CHECK(artifacts[1].blob == large);
  CHECK(artifacts[1].kind == "png");
}

TEST_CASE("a transaction is all or nothing, nested calls included") {
  const TempFolder folder;
  Store writer = Store::open(folder.db(), Mode::write);
  const StudyId id = writer.create_study(small_study());
  CHECK_THROWS_AS(writer.transaction([&] {
    whole_trial(writer, id, 0);
    throw UsageError("changed my mind");
  }),
                  UsageError);
  CHECK(writer.trials(id).empty());
  CHECK(writer.metric_names(id).size() == 1);
  // Fails after it has written the trial's row.
  const auto half = [&] {
    TrialEnd end;
    end.facts = {{"no such fact", 1.0}};
    writer.add_finished(id, small_trial(9), {}, {}, end);
  };
  writer.transaction([&] {
    whole_trial(writer, id, 0);
    // Refused before anything was changed.
    CHECK_THROWS_AS(writer.add_trial(id, small_trial(0)), StoreError);
    // Undone alone, whatever it was.
    CHECK_THROWS_AS(writer.transaction([&] {
      whole_trial(writer, id, 7);
      CHECK_THROWS_AS(half(), StoreError);
      throw UsageError("changed my mind");
    }),
                    UsageError);
    whole_trial(writer, id, 1);
  });
  CHECK(writer.trials(id).size() == 2);
  CHECK(writer.curve(id, 1).size() == 3);
  // Half of a method may be there: nothing of the transaction is kept, caught or not.
  CHECK_THROWS_AS(writer.transaction([&] {
    whole_trial(writer, id, 2);
    CHECK_THROWS_AS(half(), StoreError);
  }),
                  StoreError);
  CHECK_THROWS_AS(writer.transaction([&] {
    whole_trial(writer, id, 2);
    CHECK_THROWS_AS(half(), StoreError);
    whole_trial(writer, id, 3);
  }),
                  StoreError);
  CHECK(writer.trials(id).size() == 2);
  whole_trial(writer, id, 2);
  CHECK(writer.trials(id).size() == 3);
}

TEST_CASE("removing a study leaves nothing of it") {
  const TempFolder folder;
  Store writer = Store::open(folder.db(), Mode::write);
  const StudyId a = writer.create_study(small_study("a")),
                b = writer.create_study(small_study("b"));
  for (const StudyId id : {a, b}) whole_trial(writer, id, 0);
  writer.save_checkpoint(a, 0, {3, "cpu", "best", std::vector<std::byte>(2'000'000, std::byte{7})});
  writer.save_checkpoint(b, 0, {3, "cpu", "best", std::vector<std::byte>(2'000'000, std::byte{7})});
  writer.remove_study(a);
  CHECK(writer.studies().size() == 1);
  CHECK(writer.curve(b, 0).size() == 3);
  CHECK(writer.load_checkpoint(b, 0, "best")->bytes.size() == 2'000'000);
  writer.remove_study(b);
  CHECK(writer.studies().empty());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
    CHECK(entry.path().extension() != ".ckpt");
  }
  const StudyId c = writer.create_study(small_study("a"));
  CHECK(c != a);
  whole_trial(writer, c, 0);
}

TEST_CASE("a reader writes nothing") {
  const TempFolder folder;
  CHECK(contains(store_error([&] { Store::open(folder.db(), Mode::read); }), "no such database"));
  CHECK_FALSE(std::filesystem::exists(folder.db()));
  { Store::open(folder.db(), Mode::write).create_study(small_study()); }
  Store reader = Store::open(folder.db(), Mode::read);
  CHECK(contains(store_error([&] { reader.set_study(1, "finished", 1); }), "opened for reading"));
}

}  // namespace vernier::store::test
