// Questions over trials give the right rows; wrong and hostile ones are refused and change nothing.
#include "store/query/query.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/file.h"
#include "store/query/clauses.h"
#include "tests/store/helpers.h"

namespace vernier::store::test {
namespace {

struct Filled {
  TempFolder folder;
  StudyId id = 0;
  Filled() {
    Store writer = Store::open(folder.db(), Mode::write);
    id = writer.create_study(small_study());
    for (int n = 0; n < 12; ++n) whole_trial(writer, id, n);
    writer.add_trial(id, small_trial(12));
    writer.set_running(id, 12, "cpu0", "cpu");
    writer.add_step(id, 12, small_step(12, 1), 0.9);
    NewTrial repeat = small_trial(13);
    repeat.kind = "repeat";
    repeat.parent = 1;
    writer.add_trial(id, repeat);
    writer.finish_trial(id, 13,
                        {.state = State::completed,
                         .value = 0.99,
                         .objectives = {},
                         .best_step = {},
                         .reason = "",
                         .weights_hash = "",
                         .facts = {}});
    const std::vector<std::string> tags{"final", "good"};
    writer.set_tags(id, 4, tags, {});
    writer.set_note(id, 5, "Look here");
  }
  Table ask(const std::string& text) const { return query(folder.db(), text, {}); }
  std::vector<int> numbers(const std::string& text) const {
    const Table table = ask(text);
    std::vector<int> all;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i] != "number") continue;
      for (const auto& row : table.rows) all.push_back(static_cast<int>(as_number(row[i])));
    }
    return all;
  }
  std::string refusal(const std::string& text) const {
    try {
      ask(text);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  }
};

using Numbers = std::vector<int>;

}  // namespace

TEST_CASE("filters, order and limit") {
  const Filled filled;
  CHECK(filled.numbers("depth = 2") == Numbers{1, 5, 9, 13});
  CHECK(filled.numbers("depth >= 2 and train.lr < 0.004 and state = completed") == Numbers{1, 2});
  CHECK(filled.numbers("state = running") == Numbers{12});
  CHECK(filled.numbers("activation = relu and model.batch_norm") == Numbers{3, 9});
  CHECK(filled.numbers("batch_norm = true order by number desc limit 2") == Numbers{12, 9});
  CHECK(filled.numbers("dropout = null") == Numbers{});
  CHECK(filled.numbers("tag = final") == Numbers{4});
  CHECK(filled.numbers("tag ~ 'GOO'") == Numbers{4});
  CHECK(filled.numbers("tag in ('x', 'good')") == Numbers{4});
  CHECK(filled.numbers("note ~ look") == Numbers{5});
  CHECK(filled.numbers("kind = repeat") == Numbers{13});
  CHECK(filled.numbers("parameters > 11000") == Numbers{11});
  CHECK(filled.numbers("kind = search order by val_acc desc limit 3") == Numbers{11, 10, 9});
  CHECK(filled.numbers("last(train_loss) < 0.08 order by best(train_loss)") == Numbers{11, 10, 9});
  CHECK(filled.numbers("order by value limit 2") == Numbers{0, 1});
  CHECK(filled.numbers("").size() == 14);
  CHECK(filled.numbers("limit 3") == Numbers{0, 1, 2});
  CHECK(filled.numbers("depth = '2'") == Numbers{});
  CHECK(filled.numbers("seconds > 0.7 and number < 2") == Numbers{0, 1});
  const Table table = filled.ask("val_acc > 0.54 and number = 11");
  CHECK(table.columns == std::vector<std::string>{"number", "state", "value", "steps", "seconds",
                                                  "model.depth", "train.lr", "model.activation",
                                                  "model.batch_norm", "model.dropout", "val_acc"});
  CHECK(table.rows.at(0)[8] == Value(false));
  CHECK(table.rows.at(0)[9] == Value(0.1));
}

TEST_CASE("groups and aggregates") {
  const Filled filled;
  const Table table = filled.ask(
      "kind = search and state = completed group by model.depth: mean(val_acc), count, "
      "median(train.lr), max(activation)");
  CHECK(table.columns == std::vector<std::string>{"model.depth", "mean(val_acc)", "count",
                                                  "median(train.lr)", "max(activation)"});
  REQUIRE(table.rows.size() == 4);
  CHECK(as_number(table.rows[1][0]) == 2);
  CHECK(as_number(table.rows[1][1]) == doctest::Approx((0.531 + 0.535 + 0.539) / 3));
  CHECK(as_number(table.rows[1][2]) == 3);
  CHECK(as_number(table.rows[1][3]) == doctest::Approx(0.006));
  CHECK(table.rows[1][4] == Value(std::string("relu")));
  const Table ordered =
      filled.ask("group by depth: count, mean(value) order by mean(value) desc limit 1");
  CHECK(ordered.rows.size() == 1);
  CHECK(contains(filled.refusal("group by depth: mean(activation)"), "text in arithmetic"));
  CHECK(contains(filled.refusal("group by depth: mean(state)"), "expected a number"));
  CHECK(contains(filled.refusal("group by depth: avrage(value)"), "unknown aggregate"));
  CHECK(contains(filled.refusal("group by depth: mean"), "of what"));
}

TEST_CASE("top: finished search trials, the better way round") {
  const Filled filled;
  Table table = top(filled.folder.db(), "mnist", 2, "", "");
  REQUIRE(table.rows.size() == 2);
  CHECK(as_number(table.rows[0][0]) == 11);
  CHECK(as_number(table.rows[1][0]) == 10);
  table = top(filled.folder.db(), "mnist", 5, "depth = 1", "train_loss");
  REQUIRE(table.rows.size() == 3);
  CHECK(as_number(table.rows[0][0]) == 8);  // less loss is better
  table = top(filled.folder.db(), "mnist", 1, "", "number asc");
  CHECK(as_number(table.rows[0][0]) == 0);
  CHECK_THROWS_AS(top(filled.folder.db(), "mnits", 1, "", ""), NotFoundError);
}

TEST_CASE("wrong questions name the place and the nearest name") {
  const Filled filled;
  CHECK(contains(filled.refusal("dept = 2"), "depth"));
  CHECK(contains(filled.refusal("depth = 2 and"), "column"));
  CHECK(contains(filled.refusal("order by vall_acc"), "val_acc"));
  CHECK(contains(filled.refusal("last(depth) > 1"), "takes one metric"));
  CHECK(contains(filled.refusal("limit 3 depth = 2"), "limit"));
  CHECK(contains(filled.refusal("state + 1 > 2"), "text in arithmetic"));
  CHECK(contains(filled.refusal("activation + 1 > 2"), "text in arithmetic"));
  CHECK(contains(filled.refusal("SELECT * FROM trial_s"), "trials"));
  CHECK(contains(filled.refusal("SELECT numbr FROM trials"), "number"));
  CHECK(contains(filled.refusal("SELECT 1 +"), "incomplete"));
  CHECK(contains(filled.refusal("SELECT ?"), "parameters"));
}

TEST_CASE("hostile questions are texts and change nothing") {
  const Filled filled;
  const std::string before = read_text(filled.folder.db());
  for (const char* text : {"state = \"'; DROP TABLE trial; --\"", "tag ~ \"' OR 1=1 --\"",
                           "note = 'x'') OR 1=1 --'", "activation in ('a', \"') OR (1=1\")"}) {
    CAPTURE(text);
    CHECK(filled.numbers(text).empty());
  }
  for (const char* text :
       {"1; DROP TABLE trial", "number = 1) OR (1 = 1", "SELECT 1; DELETE FROM trial",
        "SELECT load_extension('x')", "WITH x AS (SELECT 1) DELETE FROM trial",
        "PRAGMA journal_mode = DELETE", "PRAGMA user_version = 99",
        "SELECT * FROM trials; SELECT 2", "VALUES(1); ATTACH 'x' AS y", "EXPLAIN DELETE FROM trial",
        "WITH RECURSIVE r(x) AS (SELECT 1) INSERT INTO tag SELECT 1, 1, 'x'",
        "SELECT zeroblob(1000000000)", "group by depth); DROP TABLE trial; --: count",
        "order by value; DROP TABLE trial"}) {
    CAPTURE(text);
    CHECK_FALSE(filled.refusal(text).empty());
  }
  CHECK(read_text(filled.folder.db()) == before);
}

TEST_CASE("SQL over the documented views") {
  const Filled filled;
  CHECK(filled.ask("SELECT study, best, state FROM studies").rows.at(0)[0] ==
        Value(std::string("mnist")));
  CHECK(as_number(filled.ask("SELECT best FROM studies").rows.at(0)[0]) ==
        0.5 + 0.01 * 3 + 0.001 * 11);
  CHECK(as_number(filled.ask("  select count(*) from trials where study = 'mnist' -- all\n")
                      .rows.at(0)[0]) == 14);
  CHECK(as_number(filled.ask("SELECT value FROM params WHERE number = 2 AND name = 'model.depth'")
                      .rows.at(0)[0]) == 3);
  CHECK(as_number(
            filled.ask("SELECT \"train.lr\" FROM params_wide_1 WHERE number = 1").rows.at(0)[0]) ==
        0.002);
  CHECK(filled.ask("SELECT params FROM trials WHERE number = 0").rows.at(0)[0] ==
        Value(to_json(small_trial(0).config).dump()));
  CHECK(filled.ask("PRAGMA table_info(trials)").rows.size() > 10);
  CHECK_FALSE(filled.ask("EXPLAIN SELECT 1").rows.empty());
}

TEST_CASE("curves holds hot and sealed measurements alike") {
  const Filled filled;
  CHECK(
      as_number(filled.ask("SELECT count(*) FROM curves WHERE metric = 'val_acc'").rows.at(0)[0]) ==
      12 * 3 + 1);
  const Table table = filled.ask(
      "SELECT number, step, value FROM curves WHERE study = 'mnist' AND number = 7 AND metric = "
      "'train_loss' ORDER BY step");
  REQUIRE(table.rows.size() == 3);
  for (int step = 1; step <= 3; ++step) {
    CHECK(as_number(table.rows[static_cast<std::size_t>(step) - 1][2]) == 1.0 / (step + 7 + 1));
  }
  CHECK(
      as_number(
          filled
              .ask("SELECT value FROM curves WHERE number = 12 AND step = 1 AND metric = 'val_acc'")
              .rows.at(0)[0]) == 0.5 + 0.01 + 0.012);
  CHECK(filled.ask("SELECT * FROM curves WHERE study = 'none'").rows.empty());
  CHECK(filled.ask("SELECT * FROM curves WHERE number = 'x'").rows.empty());
  const Table joined = filled.ask(
      "SELECT t.number, max(c.value) FROM trials t JOIN curves c ON c.study = t.study AND c.number "
      "= t.number "
      "WHERE c.metric = 'val_acc' GROUP BY t.number ORDER BY 2 DESC");
  CHECK(joined.rows.size() == 13);
  // The meaning of a constraint does not depend on whether the table uses it.
  CHECK(filled.ask("SELECT count(*) FROM curves WHERE step = 2").rows ==
        filled.ask("SELECT count(*) FROM curves WHERE +step = 2").rows);
  CHECK(filled.ask("SELECT count(*) FROM curves WHERE metric = 'VAL_ACC' COLLATE NOCASE").rows ==
        filled.ask("SELECT count(*) FROM curves WHERE metric = 'val_acc'").rows);
}

TEST_CASE("several studies: the names that all have") {
  const TempFolder folder;
  {
    Store writer = Store::open(folder.db(), Mode::write);
    for (const char* name : {"a", "b"})
      whole_trial(writer, writer.create_study(small_study(name)), 0);
  }
  CHECK(query(folder.db(), "state = completed", {}).rows.size() == 2);
  CHECK(query(folder.db(), "study = b", {}).rows.size() == 1);
  CHECK(query(folder.db(), "depth = 1", {.study = "b"}).rows.size() == 1);
  CHECK_THROWS_AS(query(folder.db(), "depth = 1", {}), UsageError);
  CHECK(query(folder.db(), "", {.study = "", .limit = 1}).rows.size() == 1);
}

TEST_CASE("clauses are found outside quotes and brackets only") {
  const Clauses clauses =
      split_clauses("note = 'order by x limit 3' and limit = 4 ORDER  BY (a + b) DESC limit 7");
  CHECK(clauses.where == "note = 'order by x limit 3' and limit = 4");
  CHECK(clauses.order == "(a + b)");
  CHECK(clauses.descending == true);
  CHECK(clauses.limit == 7);
  CHECK_THROWS_AS(split_clauses("a order by b group by c"), UsageError);
  CHECK_THROWS_AS(split_clauses("a order by b order by c"), UsageError);
}

}  // namespace vernier::store::test
