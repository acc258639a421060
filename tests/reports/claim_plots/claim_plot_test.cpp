#include "reports/claim_plots/claim_plot.h"

#include <doctest/doctest.h>

#include "tests/reports/claim_plots/claim_study.h"

using namespace vernier;
using namespace vernier::reports;
using doctest::Approx;

namespace {

Json plot_of(const Json& plot) { return {{"plot", plot}}; }

std::vector<double> means(const SeedLine& line) {
  std::vector<double> list;
  for (const auto& y : line.y) list.push_back(y.mean);
  return list;
}

}  // namespace

TEST_CASE(
    "every kind of plot but the strip is registered, and an empty study has nothing to draw") {
  CHECK(claim_plot_kinds().size() == 4);
  for (const Json& plot : {Json{{"line", "lr"}}, Json{{"curves", {"m"}}},
                           Json{{"heat_map", {"lr", "opt"}}}, Json{{"pictures", "map"}}}) {
    const test::Judged judged(test::claim_study(plot_of(plot)));
    CHECK(judged.claim.plot.kind != ClaimPlot::Kind::strip);
    CHECK(claim_plot(judged.input()).is_null());
  }
  const test::Judged strip(test::claim_study_of_twelve({}));
  CHECK(claim_plot(strip.input()).is_null());
}

TEST_CASE("a line for each arm against a parameter: means of three seeds") {
  const test::Judged judged(test::claim_study_of_twelve(plot_of({{"line", "lr"}})));
  const auto all = claim_lines(judged.input());
  CHECK(all.log);
  REQUIRE(all.lines.size() == 2);
  CHECK(all.lines[0].label == "momentum");
  CHECK(all.lines[0].side == "better");
  CHECK(all.lines[0].x == std::vector<double>{0.1, 1});
  CHECK(means(all.lines[0]) == std::vector<double>{3, 4});
  CHECK(*all.lines[0].y[0].half_width == Approx(4.302652730 / std::sqrt(3)));
  CHECK(means(all.lines[1]) == std::vector<double>{2, 5});
  const Json json = claim_plot(judged.input());
  CHECK(json["kind"] == "line");
  CHECK(json["lines"][0]["half_width"][0] == 2.4841);
  CHECK(json["lines"][0]["n"] == Json({3, 3}));
  CHECK(json["labels"].is_null());
}

TEST_CASE("a line for each value of `by` and each metric; one line where x shows the arms") {
  auto data = test::claim_study_of_twelve(
      plot_of({{"line", "opt"}, {"by", "lr"}, {"metrics", {"m", "10 * m"}}}));
  const test::Judged judged(data);
  const auto all = claim_lines(judged.input());
  REQUIRE(all.lines.size() == 4);
  CHECK(all.x.labels == std::vector<std::string>{"sgd", "momentum"});
  CHECK(all.lines[0].label == "0.1");
  CHECK(all.lines[0].side.empty());
  CHECK(means(all.lines[0]) == std::vector<double>{2, 3});
  CHECK(all.lines[1].metric == "10 * m");
  CHECK(means(all.lines[1]) == std::vector<double>{20, 30});
  CHECK(means(all.lines[2]) == std::vector<double>{5, 4});
  CHECK(claim_plot(judged.input())["labels"] == Json({"sgd", "momentum"}));
  data.study.spec["claim"]["plot"] = {{"line", "opt"}};
  const test::Judged one(data);
  const auto single = claim_lines(one.input());
  REQUIRE(single.lines.size() == 1);
  CHECK(single.lines[0].label.empty());
  CHECK(means(single.lines[0]) ==
        std::vector<double>{5, 5});  // best of each seed: 4, 5, 6; 2, 3, 10
}

TEST_CASE(
    "curves: the best setting that most seeds tried, at the steps that all of them measured") {
  auto data = test::claim_study(plot_of({{"curves", {"m"}}}));
  test::add_run(data, "momentum", 1, 1, 9, {9, 9, 9});  // one seed only: not its best setting
  test::add_run(data, "momentum", 0.1, 1, 3, {1, 2, 3});
  test::add_run(data, "momentum", 0.1, 2, 5, {3, 4, 5, 6});
  test::add_run(data, "momentum", 0.01, 1, 1, {0, 0, 1});
  test::add_run(data, "momentum", 0.01, 2, 1, {0, 0, 1});
  test::add_run(data, "sgd", 0.1, 1, std::nullopt, {0, 0});  // diverged: no line
  const test::Judged judged(data);
  const auto lines = claim_curves(judged.input(), 240);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].label == "momentum");
  CHECK(lines[0].setting == "lr 0.1");
  CHECK(lines[0].x == std::vector<double>{1, 2, 3});
  CHECK(means(lines[0]) == std::vector<double>{2, 3, 4});
  CHECK(*lines[0].y[0].half_width == Approx(12.70620474));  // t(0.975, 1) * sqrt 2 / sqrt 2
  CHECK(lines[0].y[0].n == 2);
  const auto few = claim_curves(judged.input(), 2);
  CHECK(few[0].x == std::vector<double>{1, 3});
  CHECK(claim_plot(judged.input())["lines"][0]["n"] == 2);
}

TEST_CASE("a map over both parameters: cells are means, ranked, with the best of each row") {
  const test::Judged judged(test::claim_study_of_twelve(plot_of({{"heat_map", {"lr", "opt"}}})));
  const auto all = claim_maps(judged.input());
  REQUIRE(all.maps.size() == 1);
  CHECK(all.metric == "m");
  CHECK(all.maximize);
  const auto& cells = all.maps[0].cells;  // sgd: 2, 5; momentum: 3, 4
  REQUIRE(cells.size() == 4);
  CHECK(cells[1].value.mean == 5);
  CHECK(cells[1].rank == 0);
  CHECK(cells[0].rank == 1);
  CHECK(cells[3].rank == Approx(1 / 3.0));
  CHECK(all.maps[0].ridge == std::vector<int>{1, 1});
}

TEST_CASE("a map for each arm; the objective in place of a metric of parameters alone") {
  auto data = test::claim_study_of_twelve(
      {{"plot", {{"heat_map", {"lr", "train.seed"}}}}, {"metric", "log(lr)"}});
  const test::Judged judged(data);
  const auto all = claim_maps(judged.input());
  REQUIRE(all.maps.size() == 2);
  CHECK(all.metric == "m");
  CHECK(all.maps[0].label == "momentum");
  CHECK(all.maps[0].ridge == std::vector<int>{0, 0, 1});  // 2 > 1, 3 > 1, 4 < 10
  CHECK(all.maps[0].cells[2].rank == Approx(2 / 5.0));    // of 2, 1, 3, 1, 4, 10: third
  CHECK(all.maps[0].cells[1].rank == Approx(0.9));        // the two 1 share the last places
  data.study.spec["claim"]["metric"] = "log(m)";
  const test::Judged expression(data);
  CHECK(claim_maps(expression.input()).metric == "log(m)");
}

TEST_CASE("pictures: the last of the kind, of the best trial of each arm") {
  const auto filters = [](int step) {
    return store::Artifact{step, "filters", "filters",
                           Json{{"width", 1},
                                {"height", 1},
                                {"channels", 1},
                                {"count", 15},
                                {"scale", 1},
                                {"pixels", "AAAAAAAAAAAAAAAAAAAA"}}
                               .dump()};
  };
  const std::vector<store::Artifact> left{filters(1), filters(5), {9, "log", "log", "x"}};
  REQUIRE(last_pictures(left, "filters").size() == 1);
  CHECK(last_pictures(left, "filters")[0].step == 5);
  CHECK(last_pictures(left, "map").empty());

  const test::Judged judged(test::claim_study_of_twelve(plot_of({{"pictures", "filters"}})));
  auto input = judged.input();
  CHECK(claim_plot(input)["arms"][0]["artifacts"].is_null());
  std::vector<int> asked;
  input.artifacts = [&](const StudyData&, int number) {
    asked.push_back(number);
    return left;
  };
  const Json large = claim_plot(input);
  CHECK(asked == std::vector<int>{12, 11});  // momentum 10 and sgd 6, both of seed 3 at lr 1
  CHECK(large["arms"][0]["label"] == "momentum");
  CHECK(large["arms"][0]["number"] == 12);
  CHECK(large["arms"][0]["artifacts"][0]["data"]["count"] == 15);
  input.small = true;
  const Json small = claim_plot(input);
  CHECK(small["arms"][0]["artifacts"][0]["data"]["count"] == 12);
  CHECK(small["arms"][0]["artifacts"][0]["data"]["pixels"] == "AAAAAAAAAAAAAAAA");
  input.picture_bytes = 10;
  CHECK(claim_plot(input)["arms"][0]["artifacts"][0].contains("problem"));
}
