#include "experiments/scheduler/measurement_line.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/rng.h"

using namespace vernier;
using experiments::parse_measurement;

TEST_CASE("a line with a step and numbers is a measurement") {
  const auto line =
      parse_measurement(R"(  {"step": 3, "val_loss": 0.25, "epochs": 2, "name": "x"} )");
  REQUIRE(line.has_value());
  CHECK(line->step == 3);
  CHECK(line->metrics == engine::Metrics{{"val_loss", 0.25}, {"epochs", 2}});
}

TEST_CASE(
    "NaN and infinities as Python writes them are numbers that are not finite; inside texts they "
    "are text") {
  const auto line =
      parse_measurement(R"({"step": 1, "a": NaN, "b": -Infinity, "c": "NaN \" NaN"})");
  REQUIRE(line.has_value());
  REQUIRE(line->metrics.size() == 2);
  CHECK(std::isnan(line->metrics[0].second));
  CHECK(std::isnan(line->metrics[1].second));
}

TEST_CASE("anything else is none") {
  for (const char* text : {"", "{}", "[1]", "hello", R"({"step":0,"v":1})", R"({"step":1})",
                           R"({"step":"1","v":1})", R"({"v":1})", R"({"step":1,"v":1)"}) {
    CHECK_FALSE(parse_measurement(text).has_value());
  }
}

TEST_CASE("random bytes between braces never crash it") {
  Rng rng({20260101, Stream::data, 0});
  for (int i = 0; i < 20000; ++i) {
    std::string text = "{";
    for (std::uint64_t n = rng.below(40); n > 0; --n)
      text += "\"step:1,vNaInfty{}[]\\ e-.\xff"[rng.below(27)];
    parse_measurement(text + "}");
  }
}
