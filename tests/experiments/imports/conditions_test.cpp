#include "experiments/imports/conditions.h"

#include <doctest/doctest.h>

#include "core/rng.h"

using namespace vernier;
using experiments::find_condition;

namespace {

Config config_of(std::int64_t layers, const std::string& kind, bool with) {
  Config config({{"layers", Value(layers)}, {"odd name", Value(kind)}});
  if (with) config.set("child", Value(0.5));
  return config;
}

std::string found(const std::vector<Config>& configs) {
  const auto rule = find_condition("child", {"layers", "odd name"}, configs);
  return rule ? expr::to_text(*rule) : "none";
}

}  // namespace

TEST_CASE(
    "the rule that a program's branches follow is found in its trials, and holds for each of "
    "them") {
  using Rule = bool (*)(std::int64_t, const std::string&);
  const std::pair<Rule, const char*> rules[]{
      {[](std::int64_t n, const std::string&) { return n >= 3; }, "layers >= 3"},
      {[](std::int64_t n, const std::string&) { return n <= 2; }, "layers <= 2"},
      {[](std::int64_t n, const std::string&) { return n == 3; }, "layers = 3"},
      {[](std::int64_t, const std::string& k) { return k == "b"; }, "`odd name` = 'b'"},
  };
  const std::uint64_t seed = 4;
  MESSAGE("seed " << seed);
  Rng rng(RngKey{seed});
  for (const auto& [rule, text] : rules) {
    std::vector<Config> configs;
    for (int i = 0; i < 100; ++i) {
      const auto layers = static_cast<std::int64_t>(1 + rng.below(5));
      const std::string kind(1, static_cast<char>('a' + rng.below(3)));
      configs.push_back(config_of(layers, kind, rule(layers, kind)));
    }
    CHECK(found(configs) == text);
    const auto node = find_condition("child", {"layers", "odd name"}, configs);
    REQUIRE(node.has_value());
    for (const Config& config : configs) {
      const auto lookup = [&](std::string_view name) {
        const Value* value = config.find(name);
        return value ? *value : Value();
      };
      CHECK(expr::holds(expr::parse(expr::to_text(*node)), lookup) ==
            (config.find("child") != nullptr));
    }
  }
}

TEST_CASE("no rule is made up where the values of no parameter tell") {
  CHECK(found({config_of(1, "a", true), config_of(1, "a", false)}) == "none");
  CHECK(found({config_of(1, "a", true), config_of(2, "b", true)}) == "none");
}
