#include "core/rng.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "core/stats.h"

namespace vernier {
namespace {

std::vector<std::uint32_t> words(const Philox4& block) {
  return {block.v[0], block.v[1], block.v[2], block.v[3]};
}

}  // namespace

TEST_CASE("philox4x32-10 gives the known answers of Random123") {
  using Words = std::vector<std::uint32_t>;
  constexpr std::uint32_t ones = 0xFFFFFFFF;
  CHECK(words(philox4x32({{0, 0, 0, 0}}, 0, 0)) ==
        Words{0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8});
  CHECK(words(philox4x32({{ones, ones, ones, ones}}, ones, ones)) ==
        Words{0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD});
  CHECK(words(philox4x32({{0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344}}, 0xA4093822,
                         0x299F31D0)) == Words{0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1});
}

TEST_CASE("a block is a fixed function of seed, stream, repeat, update and element") {
  const RngKey key{0x0123456789ABCDEF, Stream::dropout, 0x10005};
  CHECK(words(random_block(key, 9, std::uint64_t{7} << 32 | 11)) ==
        std::vector<std::uint32_t>{0xB628C221, 0xA8EAE618, 0x43948292, 0xB541FA05});
}

TEST_CASE("every part of the key and of the counter changes the block") {
  const RngKey key{5, Stream::init, 1};
  const auto base = words(random_block(key, 2, 3));
  CHECK(words(random_block({6, Stream::init, 1}, 2, 3)) != base);
  CHECK(words(random_block({5 | std::uint64_t{1} << 40, Stream::init, 1}, 2, 3)) != base);
  CHECK(words(random_block({5, Stream::order, 1}, 2, 3)) != base);
  CHECK(words(random_block({5, Stream::init, 2}, 2, 3)) != base);
  CHECK(words(random_block(key, 3, 3)) != base);
  CHECK(words(random_block(key, 2, 4)) != base);
  CHECK(words(random_block(key, 2, 3 | std::uint64_t{1} << 32)) != base);
}

TEST_CASE("unit numbers stay below one and hit zero") {
  CHECK(unit_float(0) == 0.0f);
  CHECK(unit_float(0xFFFFFFFF) == 1.0f - 0x1p-24f);
  CHECK(unit_double(0, 0) == 0.0);
  CHECK(unit_double(0xFFFFFFFF, 0xFFFFFFFF) == 1.0 - 0x1p-53);
}

TEST_CASE("the sequence of a stream is the recorded one") {
  Rng uniform({7, Stream::sampler, 0});
  CHECK(uniform.uniform() == 0.8163871358651896);
  CHECK(uniform.uniform() == 0.4524755058510621);
  CHECK(uniform.uniform() == 0.5787438459969906);
  Rng below({7, Stream::sampler, 0});
  for (const std::uint64_t expected : {0, 4, 2, 9, 2, 3, 7, 2, 6, 0, 6, 9}) {
    CHECK(below.below(10) == expected);
  }
  Rng normal({7, Stream::sampler, 0});
  for (const double expected : {-1.7596796817909781, -1.249373620233411, -1.0331075995442984}) {
    CHECK(normal.normal() == doctest::Approx(expected).epsilon(1e-13));
  }
}

TEST_CASE("below(n) reaches every value about equally often") {
  Rng rng({11, Stream::sampler, 0});
  CHECK(rng.below(1) == 0);
  constexpr int n = 7, draws = 70000;
  std::vector<int> counts(n);
  for (int i = 0; i < draws; ++i) ++counts.at(rng.below(n));
  double chi_squared = 0;
  for (const int count : counts) chi_squared += std::pow(count - draws / n, 2) / (draws / n);
  CHECK(chi_squared < 22.46);  // 99.9 % point of 6 degrees of freedom
}

TEST_CASE("normal() has the moments of a standard normal") {
  Rng rng({12, Stream::init, 0});
  std::vector<double> x, fourth;
  for (int i = 0; i < 100000; ++i) {
    x.push_back(rng.normal());
    fourth.push_back(std::pow(x.back(), 4));
  }
  CHECK(std::abs(mean(x)) < 4 / std::sqrt(1e5));
  CHECK(std::abs(variance(x) - 1) < 4 * std::sqrt(2 / 1e5));
  CHECK(std::abs(mean(fourth) - 3) < 4 * std::sqrt(96 / 1e5));
}

}  // namespace vernier
