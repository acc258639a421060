#include "engine/cohort/checkpoint.h"

#include <doctest/doctest.h>

#include <array>
#include <cstring>

#include "core/error.h"
#include "core/hash.h"
#include "core/rng.h"

using namespace vernier;
using namespace vernier::engine;

namespace {

std::vector<std::byte> sample() {
  CheckpointWriter writer;
  const std::array<float, 6> weights{1, -2, 3.5f, 0, -0.0f, 1e-40f};
  writer.add("weights/a", weights, {2, 3});
  writer.add("numbers", std::array<double, 2>{0.1, -1e300});
  writer.add("counters", std::array<std::int64_t, 3>{1, -2, INT64_MAX});
  writer.add("network", "mlp 5");
  writer.add("empty", "");
  return writer.finish();
}

void seal(std::vector<std::byte>& file) {  // a hostile file has a valid checksum
  const auto crc = crc32c(std::span<const std::byte>(file).first(file.size() - 4));
  std::memcpy(file.data() + file.size() - 4, &crc, 4);
}

}  // namespace

TEST_CASE("what was written is read back bit for bit") {
  const auto file = sample();
  const CheckpointReader reader(file);
  std::array<float, 6> weights{};
  reader.read("weights/a", weights, {2, 3});
  CHECK(weights[2] == 3.5f);
  CHECK(std::signbit(weights[4]));
  CHECK(weights[5] == 1e-40f);
  CHECK(reader.numbers("numbers", 2) == std::vector<double>{0.1, -1e300});
  CHECK(reader.integers("counters", 3) == std::vector<std::int64_t>{1, -2, INT64_MAX});
  CHECK(reader.text("network") == "mlp 5");
  CHECK(reader.text("empty").empty());
  CHECK(!reader.has("weights/b"));
}

TEST_CASE("a wrong name, type, shape or count is refused") {
  const auto file = sample();
  const CheckpointReader reader(file);
  std::array<float, 6> weights{};
  CHECK_THROWS_AS(reader.read("weights/b", weights, {2, 3}), UsageError);
  CHECK_THROWS_AS(reader.read("weights/a", weights, {3, 2}), UsageError);
  CHECK_THROWS_AS(reader.read("numbers", weights, {2}), UsageError);
  CHECK_THROWS_AS(reader.numbers("numbers", 3), UsageError);
  CHECK_THROWS_AS(reader.integers("network", 3), UsageError);
  CHECK_THROWS_AS(reader.text("numbers"), UsageError);
}

TEST_CASE("any changed byte and any cut is refused") {
  const auto file = sample();
  for (std::size_t i = 0; i < file.size(); ++i) {
    auto bad = file;
    bad[i] ^= std::byte{0x41};
    CHECK_THROWS_AS(CheckpointReader{bad}, UsageError);
    CHECK_THROWS_AS(CheckpointReader{std::span(file).first(i)}, UsageError);
  }
  auto longer = file;
  longer.push_back(std::byte{0});
  CHECK_THROWS_AS(CheckpointReader{longer}, UsageError);
}

TEST_CASE("a table that lies, under a valid checksum, is refused or read within the file") {
  const auto file = sample();
  Rng rng({6, Stream::data, 0});
  int refused = 0;
  for (int i = 0; i < 20000; ++i) {
    auto bad = file;
    for (int k = 0; k < 3; ++k) {
      bad[8 + rng.below(200)] = static_cast<std::byte>(rng.below(4) == 0 ? 0xFF : rng());
    }
    seal(bad);
    try {
      const CheckpointReader reader(bad);
      std::array<float, 6> weights{};
      if (reader.has("weights/a")) reader.read("weights/a", weights, {2, 3});
      if (reader.has("network")) reader.text("network");
    } catch (const UsageError&) {
      ++refused;
    }
  }
  CHECK(refused > 10000);
}
