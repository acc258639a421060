#include "core/json_reader.h"

#include <doctest/doctest.h>

#include <functional>

#include "core/error.h"

namespace vernier {
namespace {

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

const Json sections = Json::parse(R"({
  "lr": 0.01, "epochs": 5, "whole": 3.0, "half": 2.5, "name": "adam", "flag": true, "nothing": null,
  "widths": [32, 64], "tags": ["a", "b"], "huge": 18446744073709551615, "schedule": {"type": "cosine"}
})");

}  // namespace

TEST_CASE("values are read with their types, absent ones give the default") {
  JsonReader reader(sections, "train");
  CHECK(reader.number("lr", 1) == 0.01);
  CHECK(reader.number("epochs", 1) == 5);
  CHECK(reader.number("absent", 7) == 7);
  CHECK(reader.positive("lr", 1) == 0.01);
  CHECK(reader.integer("epochs", 1) == 5);
  CHECK(reader.integer("whole", 1) == 3);
  CHECK(reader.integer("absent", -1) == -1);
  CHECK_FALSE(reader.optional_number("absent"));
  CHECK_FALSE(reader.optional_integer("absent"));
  CHECK(reader.text("name", "sgd") == "adam");
  CHECK(reader.boolean("flag", false));
  CHECK(reader.choice("name", "sgd", {"sgd", "adam"}) == "adam");
  CHECK(reader.integers("widths") == std::vector<std::int64_t>{32, 64});
  CHECK(reader.integers("absent").empty());
  CHECK(reader.texts("tags") == std::vector<std::string>{"a", "b"});
  JsonReader schedule = reader.section("schedule");
  CHECK(schedule.text("type", "") == "cosine");
  CHECK_NOTHROW(schedule.done());
  CHECK_NOTHROW(reader.section("absent").done());
}

TEST_CASE("errors name the dotted key, the value and what was expected") {
  JsonReader reader(sections, "train");
  CHECK(error_of([&] { reader.number("name", 1, 0, 1); }) ==
        "[train.name] found 'adam'; expected a number in [0, 1]");
  CHECK(error_of([&] { reader.number("lr", 1, 1); }) ==
        "[train.lr] found 0.01; expected a number >= 1");
  CHECK(error_of([&] { reader.positive("flag", 1); }) ==
        "[train.flag] found true; expected a number");
  CHECK(error_of([&] { reader.integer("half", 1, 1, 9); }) ==
        "[train.half] found 2.5; expected a whole number in [1, 9]");
  CHECK(error_of([&] { reader.integer("epochs", 1, 10, 20); }) ==
        "[train.epochs] found 5; expected a whole number in [10, 20]");
  CHECK(error_of([&] { reader.text("nothing", ""); }) ==
        "[train.nothing] found null; expected a text");
  CHECK(error_of([&] { reader.boolean("epochs", false); }) ==
        "[train.epochs] found 5; expected true or false");
  CHECK(error_of([&] {
          reader.choice("name", "", {"adamw", "sgd"});
        }) == "[train.name] unknown name 'adam'; did you mean 'adamw'?");
  CHECK(error_of([&] { reader.integers("tags"); }) ==
        "[train.tags] found 'a'; expected a whole number in [0, 2147483647]");
  CHECK(error_of([&] { reader.section("lr"); }) ==
        "[train.lr] found 0.01; expected keys and values");
  CHECK_THROWS_AS(reader.integer("huge", 1), UsageError);
  CHECK_THROWS_AS(JsonReader(Json::array(), "train"), UsageError);
}

TEST_CASE("keys nobody asked for are refused with the nearest known one") {
  const Json json = Json::parse(R"({"leraning_rate": 1})");
  JsonReader reader(json, "train");
  reader.number("learning_rate", 1);
  CHECK(error_of([&] { reader.done(); }) ==
        "[train] unknown key 'leraning_rate'; did you mean 'learning_rate'?");
}

TEST_CASE("hostile values are shown short and without control characters") {
  const Json json = Json{{"k", std::string("\x1b[2J") + std::string(5000, 'x')}};
  JsonReader reader(json, "");
  const std::string error = error_of([&] { reader.number("k", 1); });
  CHECK(error.size() < 200);
  CHECK(error.find('\x1b') == std::string::npos);
  CHECK(error.starts_with("[k] found"));
}

}  // namespace vernier
