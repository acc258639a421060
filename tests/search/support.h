// Spaces, histories and random inputs for the tests of search.
#pragma once
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/rng.h"
#include "search/sampler.h"

namespace vernier::search::testing {

inline Parameter range(const std::string& name, Kind kind, double low, double high,
                       Scale scale = Scale::linear) {
  Parameter p;
  p.name = name;
  p.kind = kind;
  p.low = low;
  p.high = high;
  p.scale = scale;
  return p;
}
inline Parameter stepped(const std::string& name, double low, double high, double step,
                         Kind kind = Kind::float_) {
  Parameter p = range(name, kind, low, high);
  p.step = step;
  return p;
}
inline Parameter choice(const std::string& name, std::vector<Value> choices,
                        Kind kind = Kind::categorical) {
  Parameter p;
  p.name = name;
  p.kind = kind;
  p.choices = std::move(choices);
  return p;
}
inline Parameter when(Parameter p, const std::string& condition) {
  p.condition = expr::parse(condition);
  return p;
}
inline Value text(const char* t) { return std::string(t); }
inline Value whole(std::int64_t i) { return i; }

/// Two floats, an int, a category and nested conditions, with a constraint.
inline Space conditional_space() {
  return Space(
      {range("lr", Kind::float_, 1e-4, 1, Scale::log), range("depth", Kind::int_, 1, 4),
       choice("kind", {text("a"), text("b"), text("c")}),
       when(range("drop", Kind::float_, 0, 0.5), "depth >= 2"),
       when(range("units", Kind::int_, 8, 512, Scale::log), "kind in (a, b) and depth >= 2"),
       when(choice("gate", {text("x"), text("y")}), "units >= 64")},
      {"lr * depth <= 2", "units * depth <= 1024"});
}
/// 2 * 3 + 3 = 9 configurations, 8 of them allowed.
inline Space small_space() {
  return Space({range("n", Kind::int_, 1, 3), choice("kind", {text("a"), text("b")}),
                when(stepped("s", 0, 0.5, 0.5), "kind = b")},
               {"n + s <= 3.2"});
}
inline Space float_space() {
  return Space({range("x", Kind::float_, -5, 10), range("y", Kind::float_, 0, 15)});
}

/// A value that depends on every setting, the same everywhere.
inline double score(const Config& config) {
  double sum = 0;
  for (const auto& [name, value] : config) {
    const double v =
        is_number(value) ? as_number(value) : static_cast<double>(to_text(value)[0] - 'a');
    sum += (v - 1) * (v - 1) / (1 + v * v) + 0.01 * static_cast<double>(name.size());
  }
  return sum;
}

inline std::unique_ptr<Sampler> sampler_for(const std::string& name, const Space& space,
                                            std::uint64_t seed) {
  SamplerContext context;
  context.space = &space;
  context.seed = seed;
  if (name == "grid") context.options["points"] = 7;  // floats without step are refused otherwise
  return make_sampler(name, context);
}

inline void add(History& history, const Proposal& proposal, Outcome outcome) {
  Observation seen;
  seen.number = history.trials.empty() ? 1 : history.trials.back().number + 1;
  seen.config = proposal.config;
  seen.fit = proposal.fit;
  seen.outcome = outcome;
  if (outcome == Outcome::completed || outcome == Outcome::stopped)
    seen.value = score(proposal.config);
  seen.steps = outcome == Outcome::pending ? 0 : 1;
  history.trials.push_back(seen);
}

/// Runs `test` for `count` printed seeds.
template <class Test>
void for_seeds(int count, const Test& test) {
  for (int seed = 1; seed <= count; ++seed) {
    CAPTURE(seed);
    Rng rng({static_cast<std::uint64_t>(seed), Stream::data, 0});
    test(rng);
  }
}

}  // namespace vernier::search::testing
