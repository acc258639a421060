// Which changes of a study file widen its space.
#include "experiments/study/amend.h"

#include "tests/experiments/support.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;

namespace {

const std::string before_text =
    "study: s\nobjective: {command: [/bin/true]}\nmetric: {name: v, goal: minimize}\n"
    "sampler: random\nparameters:\n"
    "  a: {min: 0.0, max: 1.0}\n"
    "  n: {min: 4, max: 16, step: 4}\n"
    "  c: {values: [relu, tanh]}\n"
    "  o: {values: [32, 64]}\n"
    "  d: {min: 0.1, max: 0.5, when: n >= 8}\n"
    "constraints: [\"a * n <= 12\"]\n";

std::string changed(const std::string& from, const std::string& to) {
  std::string text = before_text;
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string why_not(const std::string& after) {
  return refusal([&] { check_widening(load(before_text), load(after)); });
}

}  // namespace

TEST_CASE("wider ranges, more values, fewer constraints and priors are amendments") {
  CHECK(why_not(before_text).empty());
  CHECK(why_not(changed("min: 0.0, max: 1.0", "min: -1.0, max: 1.5")).empty());
  CHECK(why_not(changed("min: 4, max: 16", "min: 0, max: 17")).empty());
  CHECK(why_not(changed("[relu, tanh]", "[gelu, tanh, relu]")).empty());
  CHECK(why_not(changed("[32, 64]", "[16, 32, 48, 64]")).empty());
  CHECK(why_not(changed("constraints: [\"a * n <= 12\"]\n", "")).empty());
  CHECK(why_not(changed("min: 0.0, max: 1.0",
                        "min: 0.0, max: 1.0, prior: {center: 0.3, confidence: high}"))
            .empty());
  CHECK(why_not(changed("sampler: random\n", "sampler: random\ntrials: 99\nnote: more\n")).empty());
}

TEST_CASE(
    "whatever would leave a trial outside the space, or decides otherwise, is refused by place") {
  const auto refused = [](const std::string& after, const std::string& part) {
    const std::string why = why_not(after);
    CHECK_MESSAGE(contains(why, part), why);
    CHECK_MESSAGE(contains(why, "--as NAME"), why);
  };
  refused(changed("min: 0.0, max: 1.0", "min: 0.1, max: 2.0"),
          "study.yaml:6:6: [parameters.a] expected a range that holds 0 to 1");
  refused(changed("min: 0.0, max: 1.0", "min: 0, max: 1"), "expected type float as before");
  refused(changed("min: 0.0, max: 1.0", "min: 0.0, max: 1.0, step: 0.1"), "the same step");
  refused(changed("min: 0.1, max: 0.5", "min: 0.1, max: 0.5, log: true"), "the same scale");
  refused(changed("min: 4, max: 16", "min: 2, max: 16"), "min 4 less a multiple of the step");
  refused(changed("[relu, tanh]", "[relu, gelu]"), "the value tanh among others");
  refused(changed("[32, 64]", "[64, 32]"), "expected type ordinal as before");
  refused(changed("when: n >= 8", "when: n >= 12"), "the same condition");
  refused(changed("  o: {values: [32, 64]}\n", ""), "in their order: a, n, c, o, d");
  refused(changed("a * n <= 12", "a * n <= 24"), "'a * n <= 24' is new");
  refused(changed("sampler: random", "sampler: sobol"), "no part of the space");
  refused(changed("sampler: random", "sampler: random\nseed: 3"), "seed 0 -> 3");
}

TEST_CASE("a longer training is no amendment where trials are compared on the way") {
  const auto text = [](const std::string& epochs, const std::string& strategy) {
    return "data: {set: xor}\nparameters: {train.epochs: {min: 1, max: " + epochs +
           "}}\nstrategy: " + strategy + "\n";
  };
  CHECK_NOTHROW(check_widening(load(text("9", "full")), load(text("27", "full"))));
  CHECK(
      contains(refusal([&] { check_widening(load(text("9", "asha")), load(text("27", "asha"))); }),
               "a training of 27 steps, before 9"));
}

TEST_CASE("earlier spaces are remembered in order, and read back") {
  Spec first = load(before_text);
  Spec second = load(changed("max: 1.0", "max: 2.0"));
  remember_space(first, 17, second);
  Spec third = load(changed("max: 1.0", "max: 3.0"));
  remember_space(second, 40, third);
  const Spec read = spec_from_json(third.json);
  CHECK(read.json == third.json);
  CHECK(read.amended_after() == 40);
  CHECK(first.amended_after() == 0);
  REQUIRE(read.json["spaces"].size() == 2);
  CHECK(read.json["spaces"][0]["trials"] == 17);
  CHECK(read.json["spaces"][0]["parameters"]["a"]["max"] == 1.0);
  CHECK(read.json["spaces"][1]["parameters"]["a"]["max"] == 2.0);
  CHECK(read.hash() == third.hash());
  CHECK(contains(refusal_of(before_text + "spaces: []\n"), "spaces"));
}
