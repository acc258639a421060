#include "engine/cpu/bench.h"

#include <doctest/doctest.h>

#include "core/error.h"

using namespace vernier;
using namespace vernier::engine;

TEST_CASE("a benchmark's figures belong together") {
  const auto bench = cpu::bench_step("logistic", 32, 0.01);
  CHECK(bench.flops == doctest::Approx(2 * 2 * 32 * 7840.0));  // forward and weight gradient
  CHECK(bench.update_us_min > 0);
  CHECK(bench.update_us_median >= bench.update_us_min);
  CHECK(bench.peak_gflops > 0);
  CHECK(bench.share ==
        doctest::Approx(bench.flops / bench.update_us_median / 1e3 / bench.peak_gflops));
  CHECK_THROWS_AS(cpu::bench_step("no such", 32, 0.01), UsageError);
  const auto rates = cpu::measure_rates();
  CHECK(rates.gflops > 0);
  CHECK(rates.gigabytes_per_second > 0);
}
