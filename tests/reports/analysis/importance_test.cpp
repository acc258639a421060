#include "reports/analysis/importance.h"

#include <doctest/doctest.h>

#include "tests/reports/study.h"

using namespace vernier::reports;
using vernier::store::State;

TEST_CASE("the sign says which way is better, whatever the direction of the objective") {
  for (const bool maximize : {true, false}) {
    auto data = test::study(maximize);
    data.study.params = {{"x", "float", {}}, {"c", "constant", {}}};
    for (int i = 0; i < 8; ++i) {
      auto& trial = test::add(data, i);
      trial.config.set("x", static_cast<double>(i));
      trial.config.set("c", std::string("same"));
    }
    const auto rows = param_importance(data);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].share == doctest::Approx(1));
    CHECK(rows[0].sign == (maximize ? 1 : -1));
  }
}

TEST_CASE("fewer than three values show nothing") {
  auto data = test::study();
  test::add(data, 1).config.set("x", 1.0);
  test::add(data, State::failed, std::nullopt).config.set("x", 2.0);
  test::add(data, 3).config.set("x", 3.0);
  CHECK(param_importance(data).empty());
}
