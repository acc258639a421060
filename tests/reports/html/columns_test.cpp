#include "reports/html/columns.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "core/rng.h"

using namespace vernier::reports;

TEST_CASE("columns come back bit for bit, missing and infinite values too") {
  const std::vector<double> values{0.1, -0.0, NAN, INFINITY, 1e300, 5e-324};
  Bytes blob{7};
  const auto at = add_column(blob, values);
  CHECK(at == 1);
  const auto back = read_column(blob, at, values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    CHECK((back[i] == values[i] || (std::isnan(back[i]) && std::isnan(values[i]))));
  }
  CHECK(std::signbit(back[1]));
}

TEST_CASE("varints and zigzag") {
  Bytes blob;
  add_varint(blob, 300);
  add_signed(blob, -1);
  add_signed(blob, 1);
  CHECK(blob == Bytes{0xAC, 0x02, 1, 2});
}

TEST_CASE("a curve keeps 12 bits of its own range; gaps stay gaps") {
  vernier::Rng rng(vernier::RngKey{11, vernier::Stream::sampler, 0});
  std::vector<double> values(200);
  for (double& x : values) x = -3 + 5 * rng.uniform();
  values[50] = NAN;
  values[51] = INFINITY;
  values[52] = 1e300;
  Bytes blob;
  add_curve(blob, values);
  CHECK(blob[0] == 1);
  std::size_t at = 0;
  const auto back = read_curve(blob, at, values.size());
  CHECK(at == blob.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i >= 50 && i <= 52) {
      CHECK(std::isnan(back[i]));
    } else {
      CHECK(std::abs(back[i] - values[i]) <= 5.0 / 4094 / 2 * 1.01);
    }
  }
}

TEST_CASE("a wide positive range is kept on a logarithmic scale, with equal relative error") {
  const std::vector<double> values{1e-6, 1e-3, 1.0, 1e4};
  Bytes blob;
  add_curve(blob, values);
  CHECK(blob[0] == 2);
  std::size_t at = 0;
  const auto back = read_curve(blob, at, 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(std::abs(std::log(back[i] / values[i])) < 0.003);
}

TEST_CASE("constant, empty and missing curves") {
  Bytes blob;
  add_curve(blob, std::vector<double>{2, 2});
  add_curve(blob, std::vector<double>{NAN, INFINITY});
  add_curve(blob, std::vector<double>{});
  std::size_t at = 0;
  CHECK(read_curve(blob, at, 2) == std::vector<double>{2, 2});
  CHECK(std::isnan(read_curve(blob, at, 2)[1]));
  CHECK(read_curve(blob, at, 0).empty());
  CHECK(at == blob.size());
}
