#include "search/space.h"

#include <cmath>
#include <set>

#include "core/error.h"
#include "tests/search/random_space.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

namespace {

std::string refusal(std::vector<Parameter> parameters, std::vector<std::string> constraints = {}) {
  try {
    const Space space(std::move(parameters), std::move(constraints));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

bool names(const std::string& message, const std::string& part) {
  return message.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("any point of the unit cube gives a configuration that passes check, in any space") {
  for_seeds(60, [](Rng& rng) {
    const Space space = random_space(rng);
    for (int i = 0; i < 50; ++i) {
      const Config config = space.from_unit(random_unit(space, rng));
      CHECK_NOTHROW(space.check(config));
      CHECK(space.canonical(config) == config);
    }
  });
}

TEST_CASE("to_unit and back stays in the same cell, and is NaN exactly for inactive parameters") {
  for_seeds(60, [](Rng& rng) {
    const Space space = random_space(rng);
    for (int i = 0; i < 50; ++i) {
      const Config config = space.from_unit(random_unit(space, rng));
      const std::vector<double> unit = space.to_unit(config);
      const Config again = space.from_unit(unit);
      for (std::size_t j = 0; j < space.size(); ++j) {
        const std::string& name = space.parameters()[j].name;
        REQUIRE((config.find(name) == nullptr) == std::isnan(unit[j]));
        if (!config.find(name)) continue;
        REQUIRE(again.find(name));
        if (space.axis(j).continuous())
          CHECK(as_number(*again.find(name)) ==
                doctest::Approx(as_number(*config.find(name))).epsilon(1e-9));
        else
          CHECK(*again.find(name) == *config.find(name));
      }
    }
  });
}

TEST_CASE("values have the types of their kinds") {
  const Space space({range("n", Kind::int_, 1, 3), range("x", Kind::float_, 1, 3),
                     choice("c", {whole(4), Value(true)}), choice("b", {}, Kind::bool_),
                     choice("k", {text("fixed")}, Kind::constant)});
  const Config config = space.from_unit(std::vector<double>(5, 0.9));
  CHECK(*config.find("n") == whole(3));
  CHECK(std::holds_alternative<double>(*config.find("x")));
  CHECK(*config.find("c") == Value(true));
  CHECK(*config.find("b") == Value(true));
  CHECK(*config.find("k") == text("fixed"));
}

TEST_CASE("a condition that names an inactive parameter is not satisfied, whatever else it says") {
  const Space space({range("a", Kind::int_, 1, 2), when(range("b", Kind::int_, 1, 2), "a = 2"),
                     when(range("c", Kind::int_, 1, 2), "b = 1 or a = 1"),
                     when(range("d", Kind::int_, 1, 2), "c = 1")});
  const auto active = [&](double a, double b, double c) {
    std::string text;
    for (const auto& [name, value] : space.from_unit(std::vector<double>{a, b, c, 0.1}))
      text += name;
    return text;
  };
  CHECK(active(0.1, 0.1, 0.1) == "a");
  CHECK(active(0.9, 0.1, 0.1) == "abcd");
  CHECK(active(0.9, 0.1, 0.9) == "abc");
  CHECK(active(0.9, 0.9, 0.1) == "ab");
}

TEST_CASE(
    "short names and bare words in conditions and constraints mean the full names and texts") {
  const Space space({choice("model.kind", {text("a"), text("b")}),
                     when(range("model.depth", Kind::int_, 1, 9), "kind = a")},
                    {"depth <= 3"});
  CHECK(space.satisfies(Config({{"model.kind", text("a")}, {"model.depth", whole(3)}})));
  CHECK_FALSE(space.satisfies(Config({{"model.kind", text("a")}, {"model.depth", whole(4)}})));
  CHECK(space.satisfies(Config({{"model.kind", text("b")}})));  // names an inactive one
}

TEST_CASE(
    "enumerate visits exactly the allowed configurations, each once, and cardinality counts them "
    "without constraints") {
  const Space space = small_space();
  CHECK(space.cardinality() == 9);
  std::set<std::string> keys;
  int visits = 0;
  space.enumerate([&](const Config& config) {
    CHECK_NOTHROW(space.check(config));
    CHECK(space.satisfies(config));
    keys.insert(config.key());
    ++visits;
    return true;
  });
  CHECK(visits == 8);
  CHECK(keys.size() == 8);
}

TEST_CASE("cardinality equals a count by hand in random finite spaces without constraints") {
  for_seeds(40, [](Rng& rng) {
    const Space space = random_space(rng);
    const auto size = space.cardinality();
    if (!size || *size > 20000) return;
    double count = 0;
    space.enumerate([&](const Config&) { return ++count < 1e6; });
    CHECK(count == *size);
  });
  CHECK_FALSE(float_space().cardinality());
  CHECK_THROWS_AS(float_space().enumerate([](const Config&) { return true; }), UsageError);
}

TEST_CASE("check refuses unknown, missing, inactive and outside values by name") {
  const Space space = small_space();
  const auto message = [&](std::vector<Config::Item> items) -> std::string {
    try {
      space.check(Config(std::move(items)));
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  CHECK(message({{"n", whole(1)}, {"kind", text("a")}}) == "");
  CHECK(names(message({{"n", whole(1)}}), "'kind' is missing"));
  CHECK(names(message({{"n", whole(4)}, {"kind", text("a")}}), "1 .. 3"));
  CHECK(names(message({{"n", whole(1)}, {"kind", text("c")}}), "one of a, b"));
  CHECK(
      names(message({{"n", whole(1)}, {"kind", text("a")}, {"s", Value(0.5)}}), "'s' is inactive"));
  CHECK(names(message({{"n", whole(1)}, {"kind", text("a")}, {"kindd", text("a")}}), "'kindd'"));
  CHECK(space.canonical(Config({{"kind", text("a")}, {"s", Value(0.5)}, {"n", Value(2.0)}})) ==
        Config({{"n", whole(2)}, {"kind", text("a")}}));
}

TEST_CASE("a space that cannot be is refused with the parameter or constraint") {
  CHECK(names(refusal({range("x", Kind::float_, 0, 1), range("x", Kind::float_, 0, 1)}), "'x'"));
  CHECK(names(
      refusal({when(range("x", Kind::float_, 0, 1), "y > 0"), range("y", Kind::float_, 0, 1)}),
      "before"));
  CHECK(names(refusal({when(range("x", Kind::float_, 0, 1), "x > 0")}), "'x'"));
  CHECK(names(refusal({range("width", Kind::float_, 0, 1)}, {"widht <= 1"}), "widht <= 1"));
  CHECK(names(refusal({range("width", Kind::float_, 0, 1)}, {"width <= "}), "width <= "));
}

TEST_CASE(
    "a constraint that nothing satisfies is refused by its text, exactly where the space can be "
    "listed") {
  const auto grid = [] {
    return std::vector<Parameter>{range("a", Kind::int_, 1, 900), range("b", Kind::int_, 1, 900)};
  };
  CHECK(names(refusal(grid(), {"a <= 900", "a * b > 810000"}), "'a * b > 810000'"));
  CHECK(refusal(grid(), {"a * b >= 810000"}) == "");  // one configuration in 810,000
  CHECK(names(refusal(grid(), {"a > 500", "a < 400"}), "together"));
  const auto floats = [] {
    return std::vector<Parameter>{range("x", Kind::float_, 0, 1), range("y", Kind::float_, 0, 1)};
  };
  CHECK(names(refusal(floats(), {"x + y > 2"}), "'x + y > 2'"));
  CHECK(refusal(floats(), {"x + y > 1.98"}) == "");
}
