#include "search/axis.h"

#include <cmath>
#include <map>

#include "core/error.h"
#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

namespace {

/// Shares of the unit interval, measured on a fine regular grid.
std::map<double, double> shares(const Axis& axis, int points = 200000) {
  std::map<double, double> share;
  for (int i = 0; i < points; ++i) share[as_number(axis.at((i + 0.5) / points))] += 1.0 / points;
  return share;
}

}  // namespace

TEST_CASE("every value of an int range has the same share, the edges too") {
  const auto share = shares(Axis(range("n", Kind::int_, -2, 4)));
  REQUIRE(share.size() == 7);
  for (const auto& [value, part] : share) CHECK(part == doctest::Approx(1.0 / 7).epsilon(1e-3));
}

TEST_CASE("a stepped float takes exactly its values, as people write them, with equal shares") {
  const auto share = shares(Axis(stepped("dropout", 0, 0.5, 0.1)));
  REQUIRE(share.size() == 6);
  int k = 0;
  for (const auto& [value, part] : share) {
    CHECK(value == std::vector<double>{0, 0.1, 0.2, 0.3, 0.4, 0.5}[static_cast<std::size_t>(k++)]);
    CHECK(part == doctest::Approx(1.0 / 6).epsilon(1e-3));
  }
}

TEST_CASE("a log int has cells from half a step below to half a step above") {
  const auto share = shares(Axis(range("n", Kind::int_, 1, 8, Scale::log)));
  REQUIRE(share.size() == 8);
  const double whole_width = std::log(8.5 / 0.5);
  for (const auto& [value, part] : share)
    CHECK(part ==
          doctest::Approx(std::log((value + 0.5) / (value - 0.5)) / whole_width).epsilon(1e-3));
}

TEST_CASE("scales map the ends to the ends and their centre to the centre of the scale") {
  struct Case {
    Scale scale;
    double low, high, centre;
  };
  for (const Case c :
       {Case{Scale::linear, -1, 3, 1}, Case{Scale::log, 1e-4, 1, 1e-2},
        Case{Scale::reverse_log, 0.9, 0.999, 0.99}, Case{Scale::logit, 0.01, 0.99, 0.5}}) {
    const Axis axis(range("x", Kind::float_, c.low, c.high, c.scale));
    CHECK(as_number(axis.at(0)) == c.low);
    CHECK(as_number(axis.at(1)) == c.high);
    CHECK(as_number(axis.at(0.5)) == doctest::Approx(c.centre).epsilon(1e-12));
    CHECK(as_number(axis.at(-3)) == c.low);
    CHECK(as_number(axis.at(std::nan(""))) == doctest::Approx(c.centre));
    CHECK(axis.unit(Value(c.centre)).value() == doctest::Approx(0.5));
  }
}

TEST_CASE("weights are the shares of the choices") {
  Parameter p = choice("c", {whole(1), whole(2), whole(3)});
  p.weights = {1, 2, 5};
  const auto share = shares(Axis(p));
  CHECK(share.at(1) == doctest::Approx(1.0 / 8).epsilon(1e-3));
  CHECK(share.at(3) == doctest::Approx(5.0 / 8).epsilon(1e-3));
  CHECK(Axis(p).unit(whole(2)).value() == doctest::Approx(2.0 / 8));
}

TEST_CASE("values come back with the parameter's own type, whatever they were written as") {
  CHECK(Axis(range("n", Kind::int_, 1, 5)).canonical(Value(3.0)) == Value(std::int64_t{3}));
  CHECK(Axis(range("x", Kind::float_, 1, 5)).canonical(whole(3)) == Value(3.0));
  CHECK(Axis(choice("c", {whole(1), text("1")})).canonical(Value(1.0)) == whole(1));
  CHECK(Axis(stepped("s", 0, 1, 0.1)).canonical(Value(0.1 + 0.2)) == Value(0.3));
  CHECK_FALSE(Axis(range("n", Kind::int_, 1, 5)).canonical(Value(3.5)));
  CHECK_FALSE(Axis(range("n", Kind::int_, 1, 5)).canonical(Value(true)));
  CHECK_FALSE(Axis(range("x", Kind::float_, 1, 5)).canonical(Value(5.1)));
  CHECK_FALSE(Axis(range("x", Kind::float_, 1, 5)).canonical(Value(std::nan(""))));
  CHECK_FALSE(Axis(range("x", Kind::float_, 0.1, 5, Scale::log)).canonical(Value(-1.0)));
  CHECK_FALSE(Axis(stepped("s", 0, 1, 0.25)).canonical(Value(0.3)));
}

TEST_CASE("wrong ranges, steps, choices and weights are refused by name") {
  const auto refused = [](const Parameter& p) {
    try {
      const Axis axis(p);
    } catch (const UsageError& error) {
      return std::string(error.what()).find("'" + p.name + "'") != std::string::npos;
    }
    return false;
  };
  CHECK(refused(range("x", Kind::float_, 2, 1)));
  CHECK(refused(range("x", Kind::float_, 0, INFINITY)));
  CHECK(refused(range("x", Kind::float_, NAN, 1)));
  CHECK(refused(range("x", Kind::float_, -1e308, 1e308)));
  CHECK(refused(range("x", Kind::float_, 0, 1, Scale::log)));
  CHECK(refused(range("x", Kind::float_, 0, 1, Scale::reverse_log)));
  CHECK(refused(range("x", Kind::float_, 0, 0.5, Scale::logit)));
  CHECK(refused(range("n", Kind::int_, 0, 5, Scale::log)));
  CHECK(refused(range("n", Kind::int_, 0.5, 5)));
  CHECK(refused(range("n", Kind::int_, 0, 1e300)));
  CHECK(refused(stepped("x", 0, 1, 2)));
  CHECK(refused(stepped("x", 0, 1, 0)));
  CHECK(refused(stepped("n", 0, 10, 0.5, Kind::int_)));
  CHECK(refused(choice("c", {})));
  CHECK(refused(choice("c", {text("a"), text("a")})));
  CHECK(refused(choice("c", {Value()})));
  CHECK(refused(choice("o", {whole(2), whole(1)}, Kind::ordinal)));
  CHECK(refused(choice("o", {text("a")}, Kind::ordinal)));
  CHECK(refused(choice("k", {whole(1), whole(2)}, Kind::constant)));
  Parameter weighted = choice("c", {whole(1), whole(2)});
  weighted.weights = {1};
  CHECK(refused(weighted));
  weighted.weights = {1, -1};
  CHECK(refused(weighted));
}

TEST_CASE("axis: a prior bends uniform draws towards its centre, in order and completely") {
  for (const Confidence sure : {Confidence::low, Confidence::medium, Confidence::high}) {
    Parameter lr = range("lr", Kind::float_, 1e-5, 1, Scale::log);
    lr.prior = Prior{Value(1e-3), sure};
    Parameter act = choice("act", {text("a"), text("b"), text("c")});
    act.prior = Prior{text("b"), sure};
    Parameter depth = range("depth", Kind::int_, 1, 8);
    depth.prior = Prior{whole(2), sure};
    for (const Parameter& p : {lr, act, depth}) {
      CAPTURE(p.name);
      const Axis axis(p);
      CHECK(axis.centre() == doctest::Approx(*axis.unit(p.prior->centre)));
      CHECK(axis.from_uniform(0) == doctest::Approx(0).epsilon(1e-9));
      CHECK(axis.from_uniform(1) == doctest::Approx(1));
      // The density is the derivative of the quantile's inverse, and has mass 1.
      double before = 0, mass = 0;
      for (int i = 1; i <= 2000; ++i) {
        const double u = i / 2000.0, at = axis.from_uniform(u);
        CHECK(at >= before);
        mass += (at - before) * axis.prior_density((at + before) / 2);
        before = at;
      }
      CHECK(mass == doctest::Approx(1).epsilon(2e-3));
    }
    int hits = 0;
    const Axis axis(act);
    for (int i = 0; i < 1000; ++i)
      hits += axis.at(axis.from_uniform((i + 0.5) / 1000)) == text("b");
    const double peak = sure == Confidence::low ? 0.25 : sure == Confidence::medium ? 0.5 : 0.75;
    CHECK(hits / 1000.0 == doctest::Approx(peak + (1 - peak) / 3).epsilon(0.01));
  }
  Parameter outside = range("x", Kind::float_, 0, 1);
  outside.prior = Prior{Value(2.0), Confidence::low};
  CHECK_THROWS_WITH_AS(Axis{outside}, doctest::Contains("prior"), UsageError);
  CHECK(Axis(range("x", Kind::float_, 0, 1)).from_uniform(0.3) == 0.3);
}
