#include "reports/html/artifacts.h"

#include <doctest/doctest.h>

#include <string>

using namespace vernier;
using namespace vernier::reports;

namespace {

store::Artifact artifact(int step, const std::string& kind, const Json& json) {
  return {step, kind, kind, json.dump()};
}

std::string problem(const Json& json) {
  const Json list = artifacts_json({artifact(1, "examples", json)}, 1'000'000);
  return list[0].value("problem", "");
}

}  // namespace

TEST_CASE("where not all fits the newest are kept, in the order of their steps") {
  std::vector<store::Artifact> all;
  const std::string text(100, 'x');
  for (int step = 1; step <= 5; ++step) all.push_back({step, "log", "log", text});
  const Json list = artifacts_json(all, 250);
  REQUIRE(list.size() == 5);
  for (int i = 0; i < 5; ++i) {
    CHECK(list[static_cast<std::size_t>(i)]["step"] == i + 1);
    CHECK(list[static_cast<std::size_t>(i)].contains("problem") == (i < 3));
  }
  CHECK(artifacts_json(all, 500)[0]["text"] == text);
}

TEST_CASE("examples are pictures or rows of numbers") {
  const Json items = Json::parse(
      R"([{"label": "a", "predicted": "b"}, {"label": "b", "predicted": "a", "loss": 2.5}])");
  Json rows{{"part", "valid"}, {"items", items}, {"features", {{1, 2.5}, {nullptr, -1}}}};
  const Json list = artifacts_json({artifact(3, "examples", rows)}, 1'000'000);
  REQUIRE(!list[0].contains("problem"));
  CHECK(list[0]["data"]["features"] == rows["features"]);
  CHECK(list[0]["data"]["items"][1]["loss"] == 2.5);
  rows["features"].push_back(Json::array({1}));
  CHECK(problem(rows) == "'features' is no list of 2 rows");
  rows["features"] = {{1}, {"<b>"}};
  CHECK(problem(rows) == "'features' holds something that is no number");
  rows["features"] = {{1}, 7};
  CHECK(problem(rows).find("no list of 1 to 100 numbers") != std::string::npos);
  rows.erase("features");
  CHECK(problem(rows) == "it has no 'channels'");
  CHECK(problem(Json::array({1})) == "it has no 'channels'");
}
