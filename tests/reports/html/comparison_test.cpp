#include "reports/html/comparison.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <tuple>
#include <vector>

#include "tests/reports/study.h"

using namespace vernier;
using namespace vernier::reports;

TEST_CASE("the command takes the best study of the best arm, whichever way is better") {
  for (const bool maximize : {true, false}) {
    std::vector<StudyData> studies;
    const std::vector<std::tuple<const char*, int, double>> found{
        {"gp", 1, 0.7}, {"gp", 2, 0.9}, {"gp", 3, 0.8}, {"random", 1, 0.1}};
    for (const auto& [sampler, seed, value] : found) {
      auto data = test::study(maximize);
      data.study.name = fmt::format("{}-{}", sampler, seed);
      data.study.sampler = sampler;
      data.study.strategy = "full";
      data.study.seed = static_cast<std::uint64_t>(seed);
      data.study.spec = {{"sampler", {{"type", sampler}}}};
      test::add(data, maximize ? value : -value);
      studies.push_back(std::move(data));
    }
    const Json json = comparison_json(studies, "vernier.db");
    CHECK(json["arms"][0]["label"] == "gp");
    CHECK(json["command"] == "vernier best gp-2 --yaml");
  }
}
