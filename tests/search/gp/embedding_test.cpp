#include "search/gp/embedding.h"

#include <doctest/doctest.h>

#include <Eigen/Eigenvalues>
#include <cmath>

#include "core/rng.h"
#include "search/gp/activity.h"
#include "search/gp/kernel.h"
#include "tests/search/random_space.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::gp;

namespace {

Parameter number(std::string name, const char* condition = nullptr) {
  Parameter p;
  p.name = std::move(name);
  if (condition != nullptr) p.condition = expr::parse(condition);
  return p;
}

Parameter choice(std::string name, std::vector<std::string> choices,
                 const char* condition = nullptr) {
  Parameter p = number(std::move(name), condition);
  p.kind = Kind::categorical;
  for (const auto& c : choices) p.choices.emplace_back(c);
  return p;
}

Parameter integer(std::string name, double low, double high, const char* condition = nullptr) {
  Parameter p = number(std::move(name), condition);
  p.kind = Kind::int_;
  p.low = low;
  p.high = high;
  return p;
}

Space conditional_space() {
  return Space({choice("model", {"a", "b", "c"}), number("x"), integer("depth", 1, 3),
                number("u", "model = \"a\""), choice("kind", {"p", "q"}, "model = \"b\""),
                choice("act", {"r", "s", "t"}, "depth >= 2"), number("v", "kind = \"q\""),
                integer("w", 1, 1000, "depth >= 3")});
}

double squared_distance(const Embedding& e, const Config& a, const Config& b) {
  return (e.embed(*e.point(a)) - e.embed(*e.point(b))).squaredNorm();
}

}  // namespace

TEST_CASE("distances of a conditional number: both, one, none active") {
  const Space space({choice("m", {"a", "b"}), number("x", "m = \"a\"")});
  const Embedding e(space);
  const auto a = [](double x) { return Config({{"m", std::string("a")}, {"x", x}}); };
  const Config off({{"m", std::string("b")}});
  CHECK(squared_distance(e, a(0.2), a(0.9)) == doctest::Approx(0.49));
  CHECK(squared_distance(e, a(0.2), off) == doctest::Approx(1 + 0.09 + 0.25));  // 1: m differs
  CHECK(squared_distance(e, off, off) == 0);
}

TEST_CASE("distances of choices: mismatch 1, one active 1/2") {
  const Space space({integer("d", 1, 2), choice("free", {"a", "b", "c"}), choice("two", {"a", "b"}),
                     choice("bound", {"p", "q"}, "d >= 2")});
  const Embedding e(space);
  const auto config = [](int d, std::string f, std::string t, const char* b) {
    Config c({{"d", std::int64_t{d}}, {"free", f}, {"two", t}});
    if (b != nullptr) c.set("bound", std::string(b));
    return c;
  };
  const double d = 0.25;  // squared distance of the two cell centres of d
  CHECK(squared_distance(e, config(2, "a", "a", "p"), config(2, "c", "a", "p")) ==
        doctest::Approx(1));
  CHECK(squared_distance(e, config(2, "a", "a", "p"), config(2, "a", "b", "p")) ==
        doctest::Approx(1));
  CHECK(squared_distance(e, config(2, "a", "a", "p"), config(2, "a", "a", "q")) ==
        doctest::Approx(1));
  CHECK(squared_distance(e, config(2, "a", "a", "p"), config(1, "a", "a", nullptr)) ==
        doctest::Approx(d + 0.5));
}

TEST_CASE("ordinals keep their spacing, constants and single values have no coordinates") {
  Parameter batch;
  batch.name = "batch";
  batch.kind = Kind::ordinal;
  batch.choices = {std::int64_t{16}, std::int64_t{32}, std::int64_t{128}};
  Parameter fixed;
  fixed.name = "fixed";
  fixed.kind = Kind::constant;
  fixed.choices = {1.5};
  const Space space({batch, fixed, number("x")});
  const Embedding e(space);
  CHECK(e.dimensions() == 2);
  CHECK(e.coordinates() == 2);
  const auto at = [&](std::int64_t b) {
    return e.embed(*e.point(Config({{"batch", b}, {"fixed", 1.5}, {"x", 0.25}})));
  };
  CHECK(at(16)[0] == 0);
  CHECK(at(32)[0] == doctest::Approx(16.0 / 112));
  CHECK(at(128)[0] == 1);
  CHECK(at(128)[1] == 0.25);
}

TEST_CASE("values outside the space have no point") {
  const Space space({choice("m", {"a", "b"}), number("x")});
  const Embedding e(space);
  CHECK_FALSE(e.point(Config({{"m", std::string("z")}, {"x", 0.5}})));
  CHECK_FALSE(e.point(Config({{"m", std::string("a")}, {"x", 1.5}})));
}

TEST_CASE("kernel matrices of random conditional spaces have no eigenvalue below -1e-12 n s") {
  constexpr int n = 100;
  testing::for_seeds(30, [&](Rng& rng) {
    const Space space = rng.below(4) == 0 ? conditional_space() : testing::random_space(rng);
    const Embedding e(space);
    Matrix z(n, e.coordinates());
    for (int i = 0; i < n; ++i)
      z.row(i) = e.embed(*e.point(space.from_unit(testing::random_unit(space, rng))));
    std::vector<double> scale;
    for (int i = 0; i < e.dimensions(); ++i) scale.push_back(std::exp(rng.normal()));
    for (int c = 0; c < z.cols(); ++c) z.col(c) *= scale[static_cast<std::size_t>(e.owner()[c])];
    const double signal = std::exp(rng.normal());
    const Matrix k = signal * matern52<double>(squared_distances<double>(z, z));
    CHECK(Eigen::SelfAdjointEigenSolver<Matrix>(k).eigenvalues().minCoeff() >= -1e-12 * n * signal);
  });
}

TEST_CASE("activity is what the space says, also where it is remembered") {
  const Space space = conditional_space();
  const Embedding e(space);
  Activity activity(space, e);
  CHECK_FALSE(activity.unconditional());
  Rng rng({5, Stream::sampler, 0});
  for (int i = 0; i < 400; ++i) {
    Point point;
    point.unit.resize(space.size());
    for (double& u : point.unit) u = rng.uniform();
    // Discrete coordinates at the centre of a cell, where "nearest" and "inside" agree.
    for (const EmbeddedAxis& axis : e.axes())
      if (!axis.levels.empty())
        point.unit[axis.parameter] =
            axis.levels[Embedding::nearest_level(axis, point.unit[axis.parameter])];
    activity.activate(point);
    const auto expected = e.point(space.from_unit(point.unit));
    REQUIRE(expected);
    CHECK(point.active == expected->active);
    CHECK((e.embed(point) - e.embed(*expected)).norm() < 0.002);  // w: 1,000 steps, not snapped
  }
}
