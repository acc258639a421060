#include "search/ask_tell.h"

#include <cmath>
#include <set>
#include <sstream>

#include "core/error.h"
#include "core/json.h"
#include "search/json_line.h"
#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;

namespace {

std::vector<Json> talk(const std::vector<std::string>& lines,
                       const AskTellOptions& options = {"random", ""}) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  std::istringstream in(text);
  std::ostringstream out;
  ask_tell(in, out, options);
  std::istringstream answers(out.str());
  std::vector<Json> parsed;
  for (std::string line; std::getline(answers, line);) parsed.push_back(Json::parse(line));
  return parsed;
}

const std::string branin =
    R"({"name":"branin","direction":"minimize","seed":1,"budget":20,"params":[{"name":"x","type":"float","low":-5,"high":10,"log":false},{"name":"k","type":"int","low":1,"high":8},{"name":"c","type":"categorical","choices":["a","b"]},{"name":"m","type":"float","low":0,"high":1,"condition":{"param":"c","in":["a"]}},{"name":"deep","type":"float","low":0,"high":1,"condition":{"param":"k","in":[2,3]}}]})";
const std::string fidelity =
    R"({"params":[{"name":"x","type":"float","low":0,"high":1}],"seed":1,"fidelity":{"name":"epoch","min":1,"max":9},"total_epochs":90})";

std::string message(const char* kind, const Json& body) { return Json{{kind, body}}.dump(); }

}  // namespace

TEST_CASE(
    "ask/tell: asked for two, two different trials come, with conditional parameters only where "
    "they count") {
  std::vector<std::string> lines = {branin};
  for (int i = 0; i < 20; ++i) lines.push_back(R"({"ask":2})");
  const auto answers = talk(lines);
  REQUIRE(answers.size() == 20);
  std::set<std::string> ids, params;
  for (const Json& answer : answers) {
    REQUIRE(answer["trials"].size() == 2);
    for (const Json& trial : answer["trials"]) {
      ids.insert(trial["id"].dump());
      const Json& p = trial["params"];
      params.insert(p.dump());
      CHECK(p["k"].is_number_integer());
      CHECK(p.contains("m") == (p["c"] == "a"));
      CHECK(p.contains("deep") == (p["k"] == 2 || p["k"] == 3));
      CHECK_FALSE(trial.contains("epochs"));
    }
  }
  CHECK(ids.size() == 40);
  CHECK(params.size() == 40);
}

TEST_CASE(
    "ask/tell: tells are not answered; what is wrong is answered by an error and the conversation "
    "goes on") {
  const auto answers = talk({
      R"({"ask":1})",  // before the header
      branin,
      "",
      R"({"ask":1})",
      R"({"tell":{"id":0,"value":3.1}})",
      R"({"tell":{"id":0,"value":3.1}})",  // twice
      R"({"tell":{"id":5,"value":3.1}})",  // unknown
      R"({"tell":{"id":"far","params":{"x":1,"k":5,"c":"b"},"value":2.0}})",
      R"({"tell":{"id":"far2","params":{"x":1,"k":500,"c":"b"},"value":2.0}})",
      R"({"ask":0})",
      R"({"ask":"many"})",
      "not json",
      "[1]",
      R"({"what":1})",
      branin,  // a second header
      R"({"report":{"id":9,"epoch":1,"value":1}})",
      R"({"ask":1})",
  });
  REQUIRE(answers.size() == 13);
  CHECK(answers[0].contains("error"));
  CHECK(answers[1]["trials"].size() == 1);
  for (std::size_t i = 2; i + 1 < answers.size(); ++i) CHECK(answers[i].contains("error"));
  CHECK(answers.back()["trials"].size() == 1);
}

TEST_CASE("ask/tell: gp is the default, and maximising is minimising the negative") {
  const std::string header =
      R"({"params":[{"name":"x","type":"float","low":0,"high":1}],"seed":1,"direction":")";
  const auto search = [&](const std::string& direction, double sign) {
    std::vector<std::string> lines = {header + direction + "\"}"};
    double best = INFINITY;
    for (int i = 0; i < 15; ++i) {
      lines.push_back(R"({"ask":1})");
      const Json trial = talk(lines, {}).back()["trials"][0];
      const double x = trial["params"]["x"].get<double>(), y = (x - 0.3137) * (x - 0.3137);
      best = std::min(best, y);
      lines.push_back(message("tell", {{"id", trial["id"]}, {"value", sign * y}}));
    }
    return best;
  };
  CHECK(search("minimize", 1) < 1e-5);
  CHECK(search("minimize", 1) == search("maximize", -1));
}

TEST_CASE("ask/tell: failed, null and NaN values are failures, not errors") {
  const auto answers =
      talk({branin, R"({"ask":4})", R"({"tell":{"id":0,"failed":true}})",
            R"({"tell":{"id":1,"value":null}})", R"({"tell":{"id":2,"value":NaN}})",
            R"({"tell":{"id":3,"value":-Infinity}})", R"({"ask":1})"});
  REQUIRE(answers.size() == 2);
  CHECK(answers[1]["trials"].size() == 1);
}

TEST_CASE("ask/tell: an exhausted space answers with no trials") {
  const auto answers = talk(
      {R"({"params":[{"name":"c","type":"categorical","choices":[1,2]},{"name":"b","type":"bool"}]})",
       R"({"ask":3})", R"({"ask":3})", R"({"tell":{"id":0,"value":1}})", R"({"ask":1})"});
  CHECK(answers[0]["trials"].size() == 3);
  CHECK(answers[1]["trials"].size() == 1);
  CHECK(answers[2]["trials"].empty());
}

TEST_CASE("ask/tell: choices come back as they were written, whatever JSON they are") {
  const std::string header =
      R"({"params":[{"name":"c","type":"categorical","choices":[null,[1,2],{"a":1},"1",1,2.5,true]},)"
      R"({"name":"x","type":"int","low":0,"high":9,"condition":{"param":"c","in":[null,[1,2]]}}]})";
  const auto answers =
      talk({header, R"({"ask":25})", R"({"tell":{"id":"f","params":{"c":null,"x":3},"value":1}})",
            R"({"ask":1})"});
  REQUIRE(answers.size() == 2);
  std::set<std::string> seen;
  for (const Json& trial : answers[0]["trials"]) {
    const Json& p = trial["params"];
    seen.insert(p["c"].dump());
    CHECK(p.contains("x") == (p["c"].is_null() || p["c"].is_array()));
  }
  CHECK(seen == std::set<std::string>{"null", "[1,2]", R"({"a":1})", "\"1\"", "1", "2.5", "true"});
}

TEST_CASE(
    "ask/tell: a child may be written before its parent; a circle or an unknown parent is an "
    "error") {
  const std::string child =
      R"({"name":"m","type":"float","low":0,"high":1,"condition":{"param":"c","in":["a"]}})";
  CHECK(talk({R"({"params":[)" + child + R"(,{"name":"c","type":"categorical","choices":["a"]}]})",
              R"({"ask":1})"})[0]["trials"][0]["params"]
            .size() == 2);
  CHECK(talk({R"({"params":[)" + child + "]}"})[0].contains("error"));
}

TEST_CASE(
    "ask/tell: several objectives are told as values; a sampler that cannot use them is refused") {
  const std::string header =
      R"({"params":[{"name":"x","type":"float","low":0,"high":1}],"directions":["minimize","maximize"]})";
  const auto answers = talk({header, R"({"ask":1})", R"({"tell":{"id":0,"value":1}})",
                             R"({"tell":{"id":0,"values":[1]}})",
                             R"({"tell":{"id":0,"values":[1,2]}})", R"({"ask":1})"});
  REQUIRE(answers.size() == 4);
  CHECK(answers[1].contains("error"));
  CHECK(answers[2].contains("error"));
  CHECK(answers[3]["trials"].size() == 1);
  CHECK(talk({header}, {"tpe", ""})[0].contains("error"));
}

TEST_CASE(
    "ask/tell: header and command line name sampler and strategy; the command line beats the "
    "header") {
  const std::string header =
      R"({"params":[{"name":"x","type":"float","low":0,"high":1}],"sampler":"grid"})";
  CHECK(talk({header}, {})[0]["error"].get<std::string>().find("grid") != std::string::npos);
  CHECK(talk({header, R"({"ask":1})"}, {"sobol", ""})[0].contains("trials"));
  const std::string object =
      R"({"params":[{"name":"x","type":"float","low":0,"high":1}],"sampler":{"type":"grid","points":3}})";
  CHECK(talk({object, R"({"ask":9})"}, {})[0]["trials"].size() == 3);
  CHECK(talk({header}, {"sobul", ""})[0]["error"].get<std::string>().find("sobol") !=
        std::string::npos);
}

TEST_CASE("ask/tell with asha: trials pause at their epochs and are offered again under their id") {
  for (const bool reporting : {false, true}) {
    CAPTURE(reporting);
    std::vector<std::string> lines = {fidelity};
    std::map<std::string, int> epochs;
    int resumed = 0, whole = 0;
    for (int i = 0; i < 60; ++i) {
      lines.push_back(R"({"ask":1})");
      const auto answers = talk(lines, {"random", "asha"});
      REQUIRE(answers.back().contains("trials"));
      REQUIRE(answers.back()["trials"].size() == 1);
      const Json trial = answers.back()["trials"][0];
      const std::string id = trial["id"].dump();
      const int until = trial["epochs"].get<int>();
      const double x = trial["params"]["x"].get<double>();
      REQUIRE(until > epochs[id]);
      CHECK((until == 1 || until == 3 || until == 9));
      resumed += epochs[id] > 0;
      if (reporting)
        for (int e = epochs[id] + 1; e <= until; ++e)
          lines.push_back(
              message("report", {{"id", trial["id"]}, {"epoch", e}, {"value", x + 1.0 / e}}));
      epochs[id] = until;
      whole += until == 9;
      lines.push_back(message(
          "tell",
          {{"id", trial["id"]}, {"value", x + 1.0 / until}, {"epoch", until}, {"stopped", false}}));
    }
    CHECK(resumed >= 15);
    CHECK(whole >= 2);
    CHECK(epochs.size() >= 30);
  }
}

TEST_CASE(
    "ask/tell with asha: while a decision is pending elsewhere an ask may be answered by a new "
    "trial, never twice the same") {
  std::vector<std::string> lines = {fidelity, R"({"ask":3})"};
  for (int id = 0; id < 3; ++id)
    lines.push_back(message("report", {{"id", id}, {"epoch", 1}, {"value", 0.1 * id}}));
  const auto answers = talk(lines, {"random", "asha"});
  CHECK(answers[1]["decision"] == "pause");
  CHECK(answers[2]["decision"] == "pause");
  CHECK(answers[3]["decision"] == "pause");  // the best of three is trial 0
  for (int id = 0; id < 3; ++id)
    lines.push_back(
        message("tell", {{"id", id}, {"value", 0.1 * id}, {"epoch", 1}, {"stopped", true}}));
  lines.push_back(R"({"ask":1})");
  lines.push_back(R"({"ask":1})");
  const auto more = talk(lines, {"random", "asha"});
  CHECK(more[4]["trials"][0]["id"] == 0);
  CHECK(more[4]["trials"][0]["epochs"] == 3);
  CHECK(more[5]["trials"][0]["id"] == 3);
}

TEST_CASE("ask/tell: a trial is worth the best it has reported, not the last") {
  std::string header = fidelity;
  header.replace(header.find("\"min\":1"), 7, "\"min\":3");
  std::vector<std::string> lines = {header, R"({"ask":3})"};
  for (int e = 1; e <= 3; ++e)
    for (int id = 0; id < 3; ++id)
      lines.push_back(
          message("report",
                  {{"id", id}, {"epoch", e}, {"value", id == 1 && e == 1 ? 0.1 : 0.4 + 0.1 * id}}));
  for (int id = 0; id < 3; ++id)
    lines.push_back(
        message("tell", {{"id", id}, {"value", 0.4 + 0.1 * id}, {"epoch", 3}, {"stopped", false}}));
  lines.push_back(R"({"ask":1})");
  CHECK(talk(lines, {"random", "asha"}).back()["trials"][0]["id"] == 1);
}

TEST_CASE("ask/tell with median: a bad trial is told to stop, and then it is over") {
  std::vector<std::string> lines = {fidelity, R"({"ask":6})"};
  for (int id = 0; id < 5; ++id) {
    for (int e = 1; e <= 9; ++e)
      lines.push_back(message("report", {{"id", id}, {"epoch", e}, {"value", 1}}));
    lines.push_back(message("tell", {{"id", id}, {"value", 1}, {"epoch", 9}, {"stopped", false}}));
  }
  lines.push_back(message("report", {{"id", 5}, {"epoch", 1}, {"value", 2}}));
  lines.push_back(message("report", {{"id", 5}, {"epoch", 2}, {"value", 2}}));
  lines.push_back(message("tell", {{"id", 5}, {"value", 2}, {"epoch", 2}, {"stopped", true}}));
  lines.push_back(message("report", {{"id", 5}, {"epoch", 3}, {"value", 2}}));
  const auto answers = talk(lines, {"random", "median"});
  REQUIRE(answers.size() == 1 + 45 + 2 + 1);
  CHECK(answers[45]["decision"] == "continue");
  CHECK(answers[46]["decision"] == "continue");
  CHECK(answers[47]["decision"] == "stop");
  CHECK(answers[48].contains("error"));
}

TEST_CASE(
    "ask/tell: a mutated conversation never breaks it: every line is answered by JSON or not at "
    "all") {
  const std::vector<std::string> good = {
      branin,
      R"({"ask":2})",
      R"({"report":{"id":0,"epoch":3,"value":0.4}})",
      R"({"tell":{"id":0,"value":3.1}})",
      R"({"tell":{"id":"e","params":{"x":1,"k":5,"c":"b"},"value":2.0,"epoch":3}})",
      fidelity,
      R"({"tell":{"id":1,"failed":true}})"};
  const std::vector<std::string> pieces = {"NaN",
                                           "-1e999",
                                           "9223372036854775808",
                                           "null",
                                           "{}",
                                           "[[",
                                           "\"",
                                           "\\u0000",
                                           "1e308",
                                           "-0",
                                           "true",
                                           "\xff\xfe",
                                           "18446744073709551615",
                                           "\"choices\":[]",
                                           "\"log\":true",
                                           ","};
  search::testing::for_seeds(400, [&](Rng& rng) {
    std::vector<std::string> lines;
    for (int i = 0; i < 12; ++i) {
      std::string line =
          i == 0 && rng.below(2) ? good[rng.below(2) * 5] : good[rng.below(good.size())];
      for (std::uint64_t m = rng.below(4); m > 0; --m) {
        const std::size_t at = rng.below(line.size() + 1);
        switch (rng.below(4)) {
          case 0:
            line.insert(at, pieces[rng.below(pieces.size())]);
            break;
          case 1:
            line.erase(at, 1 + rng.below(5));
            break;
          case 2: {  // a number becomes something else
            const std::size_t digit = line.find_first_of("0123456789", at);
            if (digit != std::string::npos)
              line.replace(digit, 1, pieces[rng.below(pieces.size())]);
            break;
          }
          default:
            if (at < line.size()) line[at] = static_cast<char>(rng.below(256));
        }
      }
      for (char& c : line)
        if (c == '\n') c = ' ';
      lines.push_back(line);
    }
    const char* strategy[] = {"", "asha", "median", "full"};
    std::vector<Json> answers;
    REQUIRE_NOTHROW(answers =
                        talk(lines, {rng.below(2) ? "random" : "sobol", strategy[rng.below(4)]}));
    for (const Json& answer : answers) CHECK(answer.is_object());
  });
}

TEST_CASE(
    "json lines: Python's NaN and Infinity are null outside texts; deep nesting and other values "
    "are refused") {
  CHECK(parse_json_line(R"({"a":[NaN,-Infinity,Infinity,"NaN \" Infinity"]})").dump() ==
        R"({"a":[null,null,null,"NaN \" Infinity"]})");
  CHECK_THROWS_AS(parse_json_line(std::string(100000, '[')), UsageError);
  CHECK_THROWS_AS(parse_json_line(R"("text")"), UsageError);
  CHECK_THROWS_AS(parse_json_line("{\"a\":1"), UsageError);
  CHECK_THROWS_AS(parse_json_line("\"\\"), UsageError);
}
