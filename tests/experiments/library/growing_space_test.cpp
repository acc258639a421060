#include "experiments/library/growing_space.h"

#include <doctest/doctest.h>

#include <functional>

#include "core/error.h"
#include "core/rng.h"
#include "experiments/library/space_impl.h"

using namespace vernier;
using namespace vernier::detail;
using experiments::completed;
using experiments::GrowingSpace;

namespace {

/// Runs `objective` as trials would: each name it asks for is taken in, with a random value.
std::vector<Config> trials_of(
    GrowingSpace& space, int count,
    const std::function<void(std::function<Value(search::Parameter)>)>& objective) {
  Rng rng({17, Stream::sampler, 0});
  std::vector<Config> configs;
  for (int k = 0; k < count; ++k) {
    Config config;
    objective([&](search::Parameter parameter) {
      space.merge(parameter);
      const Value value = search::Axis(parameter).at(rng.uniform());
      config.set(parameter.name, value);
      return value;
    });
    configs.push_back(config);
  }
  return configs;
}

std::vector<const Config*> pointers(const std::vector<Config>& configs) {
  std::vector<const Config*> all;
  for (const Config& config : configs) all.push_back(&config);
  return all;
}

std::string condition(const std::vector<search::Parameter>& parameters, const std::string& name) {
  for (const auto& parameter : parameters)
    if (parameter.name == name)
      return parameter.condition ? expr::to_text(*parameter.condition) : "always";
  return "unknown";
}

}  // namespace

TEST_CASE(
    "conditions of nested branches are found from who asked for what, and hold for every trial") {
  GrowingSpace growing;
  const auto configs = trials_of(growing, 60, [](const auto& ask) {
    const Value model = ask(categorical_parameter(
        "model", {std::string("svm"), std::string("forest"), std::string("net")}));
    ask(float_parameter("scale", 0, 1, Scale::linear));
    if (model == Value(std::string("svm"))) {
      ask(float_parameter("C", 1e-3, 1e3, Scale::log));
      ask(float_parameter("gamma", 1e-3, 1e3, Scale::log));
    } else {
      const Value depth = ask(int_parameter("depth", 1, 6, Scale::linear, 1));
      for (int layer = 2;
           model == Value(std::string("net")) && layer <= std::get<std::int64_t>(depth); layer += 2)
        ask(int_parameter("width" + std::to_string(layer), 8, 64, Scale::log, 1));
    }
    if (std::get<bool>(ask(bool_parameter("augment"))))
      ask(float_parameter("shift", 0, 4, Scale::linear));
  });
  const auto parameters = growing.with_conditions(pointers(configs));
  CHECK(condition(parameters, "model") == "always");
  CHECK(condition(parameters, "scale") == "always");
  CHECK(condition(parameters, "C") == "model = 'svm'");
  CHECK(condition(parameters, "gamma") == "model = 'svm'");
  CHECK(condition(parameters, "augment") == "always");
  CHECK(condition(parameters, "shift") == "augment = true");
  const search::Space space(parameters);
  int whole = 0;
  for (std::size_t k = 0; k < configs.size(); ++k) {
    const Config config = completed(space, configs[k], 1, static_cast<int>(k) + 1);
    for (const auto& [name, value] : configs[k]) {
      REQUIRE(config.find(name));
      CHECK(*config.find(name) == value);
    }
    CHECK_NOTHROW(space.check(config));
    whole += config.size() == configs[k].size();
  }
  CHECK(condition(parameters, "width4") == "model = 'net' and depth >= 4");
  CHECK(whole == 60);
}

TEST_CASE("whole numbers give a bound, several choices a list") {
  GrowingSpace growing;
  const auto configs = trials_of(growing, 40, [](const auto& ask) {
    const Value layers = ask(int_parameter("layers", 1, 5, Scale::linear, 1));
    if (std::get<std::int64_t>(layers) >= 3) ask(float_parameter("skip", 0, 1, Scale::linear));
    if (std::get<std::int64_t>(layers) <= 2) ask(float_parameter("flat", 0, 1, Scale::linear));
    const Value kind =
        ask(categorical_parameter("kind", {std::int64_t{1}, std::int64_t{2}, std::int64_t{4}}));
    if (kind != Value(std::int64_t{2})) ask(float_parameter("rate", 0, 1, Scale::linear));
  });
  const auto parameters = growing.with_conditions(pointers(configs));
  CHECK(condition(parameters, "skip") == "layers >= 3");
  CHECK(condition(parameters, "flat") == "layers <= 2");
  const std::string rate = condition(parameters, "rate");
  CHECK((rate == "kind in (1, 4)" || rate == "kind in (4, 1)"));
}

TEST_CASE("what a name means stays; ranges and choices grow") {
  GrowingSpace growing;
  CHECK(growing.merge(float_parameter("x", 0, 1, Scale::linear)));
  CHECK_FALSE(growing.merge(float_parameter("x", 0.2, 0.5, Scale::linear)));
  CHECK(growing.merge(float_parameter("x", -1, 0.5, Scale::linear)));
  CHECK(growing.parameters()[0].low == -1);
  CHECK(growing.parameters()[0].high == 1);
  CHECK(growing.merge(categorical_parameter("c", {std::string("a"), std::string("b")})));
  CHECK(growing.merge(categorical_parameter("c", {std::string("d"), std::string("a")})));
  CHECK(growing.parameters()[1].choices.size() == 3);
  CHECK_THROWS_AS(growing.merge(float_parameter("x", 0.5, 1, Scale::log)), UsageError);
  CHECK_THROWS_AS(growing.merge(int_parameter("x", 0, 1, Scale::linear, 1)), UsageError);
  CHECK_THROWS_AS(growing.merge(stepped_parameter("x", 0, 1, 0.5)), UsageError);
  CHECK(growing.merge(int_parameter("n", 0, 8, Scale::linear, 4)));
  CHECK_THROWS_AS(growing.merge(int_parameter("n", 1, 9, Scale::linear, 4)), UsageError);
  CHECK(growing.merge(int_parameter("n", -4, 12, Scale::linear, 4)));
  CHECK(growing.parameters().size() == 3);
}

TEST_CASE("values that nobody chose are functions of seed, trial and name, spread over the range") {
  double sum = 0;
  for (int trial = 1; trial <= 200; ++trial) {
    const double unit = experiments::independent_unit(5, trial, "x");
    CHECK(unit == experiments::independent_unit(5, trial, "x"));
    CHECK(unit != experiments::independent_unit(6, trial, "x"));
    CHECK(unit != experiments::independent_unit(5, trial, "y"));
    REQUIRE((unit >= 0 && unit < 1));
    sum += unit;
  }
  CHECK(sum / 200 == doctest::Approx(0.5).epsilon(0.15));
}
