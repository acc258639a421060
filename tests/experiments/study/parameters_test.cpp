#include "experiments/study/parameters.h"

#include <cmath>

#include "experiments/study/yaml.h"
#include "tests/experiments/support.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;
using search::Kind;
using search::Parameter;
using search::Scale;

namespace {

std::vector<Parameter> read(const std::string& text) {
  const Document document = read_yaml(text, "f");
  return read_parameters(Reader(document.json, "", document.places), nullptr);
}
Parameter one(const std::string& definition) { return read("x: " + definition).front(); }
std::string error_of(const std::string& definition) {
  return refusal([&] { (void)one(definition); });
}

}  // namespace

TEST_CASE("the form of a parameter decides its kind, and type overrules") {
  CHECK(one("{min: 1, max: 4}").kind == Kind::int_);
  CHECK(one("{min: 1.0, max: 4}").kind == Kind::float_);
  CHECK(one("{min: 1e-5, max: 1}").kind == Kind::float_);
  CHECK(one("{values: [32, 64, 128]}").kind == Kind::ordinal);
  CHECK(one("{values: [64, 32]}").kind == Kind::categorical);
  CHECK(one("{values: [1, 1.5]}").kind == Kind::ordinal);
  CHECK(one("{values: [relu, 2]}").kind == Kind::categorical);
  CHECK(one("{values: [1, 2], probabilities: [0.5, 0.5]}").kind == Kind::categorical);
  CHECK(one("{values: [1, 2], type: categorical}").kind == Kind::categorical);
  CHECK(one("{value: relu}").kind == Kind::constant);
  CHECK(one("{type: bool}").kind == Kind::bool_);
  CHECK(one("{type: float, min: 1, max: 4}").kind == Kind::float_);
  CHECK(one("{type: int, min: 1.0, max: 4}").kind == Kind::int_);
}

TEST_CASE("ranges keep bounds, scale and step") {
  const Parameter log = one("{min: 1e-5, max: 0.1, log: true}");
  CHECK(log.low == 1e-5);
  CHECK(log.high == 0.1);
  CHECK(log.scale == Scale::log);
  CHECK(one("{min: 0.5, max: 0.99, scale: reverse_log}").scale == Scale::reverse_log);
  CHECK(one("{min: 0.5, max: 0.99, scale: logit}").scale == Scale::logit);
  CHECK(one("{min: 0.0, max: 0.5, step: 0.1}").step == 0.1);
  CHECK(!one("{min: 0.0, max: 0.5}").step.has_value());
  CHECK(one("{min: 0.0, max: 0.5, log: false}").scale == Scale::linear);
}

TEST_CASE("each wrong form is refused with its place, what was found and what was expected") {
  CHECK(contains(error_of("{min: 4, max: 1}"), "f:1:18: [x.max] empty range from 4 to 1"));
  CHECK(contains(error_of("{min: 0.0, max: 1.0, log: true}"), "[x.min] log range from 0"));
  CHECK(contains(error_of("{min: 1.0, max: 1.0}"), "empty range"));
  CHECK(contains(error_of("{type: int, min: 1.5, max: 3}"), "[x.min] found 1.5; expected a whole"));
  CHECK(contains(error_of("{min: a, max: 3}"), "f:1:10: [x.min] found \"a\"; expected a number"));
  CHECK(contains(error_of("{min: 1}"), "has no range"));
  CHECK(contains(error_of("{type: float, min: 1}"), "has no max"));
  CHECK(contains(error_of("{type: int, min: 1, max: 2, values: [1]}"), "stands beside a range"));
  CHECK(contains(error_of("{values: []}"), "empty list"));
  CHECK(contains(error_of("{values: [1, 2, 1]}"), "1 is there twice"));
  CHECK(contains(error_of("{values: 3}"), "expected a list"));
  CHECK(contains(error_of("{values: [[1]]}"), "expected a number, text, true or false"));
  CHECK(contains(error_of("{type: ordinal, values: [2, 1]}"), "increasing numbers"));
  CHECK(contains(error_of("{type: flot, min: 1, max: 2}"), "did you mean 'float'?"));
  CHECK(contains(error_of("{mim: 1, max: 2}"), "f:1:5: [x.mim] unknown key; did you mean 'min'?"));
  CHECK(contains(error_of("{min: 1, max: 9, step: 0}"), "above 0"));
  CHECK(contains(error_of("{min: 1, max: 9, log: true, scale: log}"), "one of the two"));
  CHECK(contains(error_of("{values: [a, b], probabilities: [1]}"), "1 probabilities for 2"));
  CHECK(contains(error_of("{values: [a, b], probabilities: [0.9, 0.2]}"), "sum to 1.1"));
  CHECK(contains(error_of("{values: [a], log: true}"), "stands beside values"));
  CHECK(contains(error_of("{type: bool, min: 1}"), "on a bool"));
  CHECK(contains(error_of("{type: constant}"), "has no value"));
  CHECK(contains(error_of("{min: 1, max: 2, q: 3}"), "without a distribution"));
  CHECK(contains(error_of("3"), "expected a section"));
}

TEST_CASE("conditions name parameters before them") {
  const auto list = read("depth: {min: 1, max: 3}\ndrop: {min: 0.0, max: 1.0, when: depth >= 2}");
  REQUIRE(list.size() == 2);
  CHECK(list[1].condition.has_value());
  const std::string later = refusal(
      [] { (void)read("drop: {min: 0.0, max: 1.0, when: depth >= 2}\ndepth: {min: 1, max: 3}"); });
  CHECK(contains(later, "f:1:34: [drop.when]"));
  CHECK(contains(later, "parameters before it"));
  CHECK(contains(refusal([] { (void)read("a: {min: 1, max: 2, when: '>>'}"); }), "[a.when]"));
}

TEST_CASE("W&B's distributions mean what they mean there") {
  const Parameter exponents = one("{distribution: log_uniform, min: -5, max: 0}");
  CHECK(exponents.kind == Kind::float_);
  CHECK(exponents.scale == Scale::log);
  CHECK(exponents.low == std::exp(-5.0));
  CHECK(exponents.high == 1.0);
  const Parameter values = one("{distribution: log_uniform_values, min: 1e-5, max: 1}");
  CHECK(values.low == 1e-5);
  CHECK(values.scale == Scale::log);
  CHECK(one("{distribution: uniform, min: 0, max: 1}").kind == Kind::float_);
  CHECK(one("{distribution: int_uniform, min: 0, max: 1}").kind == Kind::int_);
  const Parameter quantised = one("{distribution: q_uniform, min: 3, max: 17, q: 5}");
  CHECK(quantised.kind == Kind::int_);
  CHECK(quantised.low == 5);
  CHECK(quantised.high == 15);
  CHECK(quantised.step == 5);
  const Parameter halves = one("{distribution: q_uniform, min: 0, max: 1, q: 0.5}");
  CHECK(halves.kind == Kind::float_);
  CHECK(halves.step == 0.5);
  CHECK(one("{distribution: q_log_uniform_values, min: 8, max: 64, q: 8}").scale == Scale::log);
  CHECK(one("{distribution: constant, value: 3}").kind == Kind::constant);
  CHECK(one("{distribution: categorical, values: [1, 2]}").kind == Kind::categorical);
  const Parameter weighted = one(
      "{distribution: categorical_w_probabilities, values: [a, b], probabilities: [0.25, 0.75]}");
  CHECK(weighted.weights == std::vector<double>{0.25, 0.75});
  CHECK(!error_of("{distribution: normal, mu: 0, sigma: 1}").empty());
  CHECK(contains(error_of("{distribution: unifrm, min: 0, max: 1}"), "did you mean 'uniform'?"));
  CHECK(contains(error_of("{distribution: uniform, type: int, min: 0, max: 1}"), "one of the two"));
  CHECK(contains(error_of("{distribution: q_uniform, min: 0, max: 1, q: 0}"), "above 0"));
  CHECK(!error_of("{distribution: q_log_uniform, min: 0, max: 700}").empty());
}

TEST_CASE("W&B's nested parameters are dotted names") {
  const auto list = read("train:\n  parameters:\n    lr: {min: 0.1, max: 0.2}\n    n: {value: 3}");
  REQUIRE(list.size() == 2);
  CHECK(list[0].name == "train.lr");
  CHECK(list[1].name == "train.n");
  CHECK(
      contains(refusal([] { (void)read("a.b: {value: 1}\na:\n  parameters:\n    b: {value: 2}"); }),
               "is there twice"));
}

TEST_CASE("names are refused where the engine does not know them") {
  const std::vector<std::string> names{"train.lr", "model.depth"};
  const Document document = read_yaml("train.lrr: {min: 0.1, max: 0.2}", "f");
  const std::string text =
      refusal([&] { (void)read_parameters(Reader(document.json, "", document.places), &names); });
  CHECK(text == "f:1:1: [train.lrr] unknown parameter; did you mean 'train.lr'?");
}

TEST_CASE("the stored form reads back equal") {
  for (const char* definition :
       {"{min: 1, max: 4}", "{min: 1e-5, max: 0.1, log: true}", "{min: 0.0, max: 0.5, step: 0.1}",
        "{values: [32, 64, 128]}", "{values: [relu, tanh], probabilities: [0.3, 0.7]}",
        "{type: bool}", "{value: adam}", "{min: 0.5, max: 0.99, scale: logit}",
        "{type: categorical, values: [1, 2]}", "{value: 64}", "{value: false}"}) {
    const Parameter first = one(definition);
    const Json json{{"x", parameter_json(first)}};
    const Places places;
    const Parameter again = read_parameters(Reader(json, "", places), nullptr).front();
    CHECK(parameter_json(again).dump() == parameter_json(first).dump());
    CHECK(again.kind == first.kind);
    CHECK(again.choices == first.choices);
    CHECK(again.low == first.low);
    CHECK(again.step == first.step);
    CHECK(again.weights == first.weights);
    CHECK(again.scale == first.scale);
  }
}

TEST_CASE("a prior has a centre inside the range and a confidence, and is kept") {
  const Parameter lr =
      one("{min: 1e-5, max: 1.0, log: true, prior: {center: 0.001, confidence: high}}");
  REQUIRE(lr.prior);
  CHECK(lr.prior->centre == Value(0.001));
  CHECK(lr.prior->confidence == search::Confidence::high);
  CHECK(one("{values: [a, b], prior: {center: b}}").prior->confidence ==
        search::Confidence::medium);
  const Json stored = {{"x", parameter_json(lr)}};
  const Places places;
  const Parameter again = read_parameters(Reader(stored, "", places), nullptr).front();
  CHECK(again.prior->centre == lr.prior->centre);
  CHECK(again.prior->confidence == lr.prior->confidence);
  CHECK(error_of("{min: 0, max: 4, prior: {center: 9}}").find("outside") != std::string::npos);
  CHECK(error_of("{min: 0, max: 4, prior: {confidence: low}}").find("center") != std::string::npos);
  CHECK(error_of("{min: 0, max: 4, prior: {center: 1, confidence: sure}}").find("medium") !=
        std::string::npos);
  CHECK(error_of("{value: 4, prior: {center: 4}}").find("constant") != std::string::npos);
}
