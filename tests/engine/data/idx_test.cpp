#include "engine/data/idx.h"

#include <doctest/doctest.h>

#include <cstring>
#include <random>

#include "tests/engine/data/files.h"

namespace vernier::engine {
namespace {

using testing::gzipped;
using testing::idx_bytes;
using testing::says;
using testing::TempFolder;

std::string refusal(std::span<const std::byte> bytes, int dimensions) {
  try {
    parse_idx(bytes, dimensions, "f.idx");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("plain and compressed files hold the same array") {
  const auto bytes = idx_bytes({3, 4, 5}, 256);
  for (const auto& file : {bytes, gzipped(bytes)}) {
    const IdxArray array = parse_idx(file, 3, "f.idx");
    CHECK(array.sizes == std::vector<int>{3, 4, 5});
    REQUIRE(array.data.size() == 60);
    for (int i = 0; i < 60; ++i) CHECK(array.data[static_cast<std::size_t>(i)] == i);
  }
}

TEST_CASE("damage is named with its byte offset and what was expected") {
  const auto good = idx_bytes({10, 2, 2}, 256);
  auto bad = good;
  bad[3] = std::byte{1};
  says(refusal(bad, 3), "[f.idx] byte 0: magic number 00000801; expected 00000803");
  bad = good;
  bad.resize(9);
  says(refusal(bad, 3), "[f.idx] byte 9: the file ends within its header; expected 16 bytes");
  bad = good;
  bad.resize(30);
  says(refusal(bad, 3), "[f.idx] byte 30: the file ends early; expected 56 bytes");
  bad = good;
  bad.push_back(std::byte{});
  says(refusal(bad, 3), "[f.idx] byte 56: surplus bytes");
  bad = good;
  bad[8] = std::byte{0xFF};
  says(refusal(bad, 3), "[f.idx] byte 8: size 4278190082 of dimension 2");
  bad = good;
  bad[7] = std::byte{0};
  says(refusal(bad, 3), "[f.idx] byte 4: size 0 of dimension 1");
  says(refusal({}, 3), "[f.idx] byte 0");
}

TEST_CASE("a truncated or altered gzip stream is named") {
  const auto good = gzipped(idx_bytes({100, 28, 28}, 251));
  auto bad = good;
  bad.resize(good.size() / 2);
  says(refusal(bad, 3), "ends early");
  bad = good;
  bad[bad.size() - 8] ^= std::byte{1};  // the checksum
  says(refusal(bad, 3), "damaged gzip stream");
  bad = good;
  bad.resize(good.size() - 4);
  says(refusal(bad, 3), "ends early");
}

TEST_CASE("a tiny gzip file that claims gigabytes is refused before they are allocated") {
  const auto bomb = gzipped(idx_bytes({1, 1, 1}, 256));
  auto header = idx_bytes({1, 1, 1}, 256);
  header[4] = std::byte{0x7F};
  header[8] = std::byte{0x10};
  says(refusal(gzipped(header), 3), "no more than the file can hold");
  CHECK(refusal(bomb, 3).empty());
}

TEST_CASE(
    "2,000 random mutations and truncations, half plain and half gz, are read or refused, never "
    "worse") {
  const std::uint32_t seed = 20261;
  MESSAGE("seed ", seed);
  std::mt19937 random(seed);
  const auto plain = idx_bytes({20, 7, 7}, 251);
  const auto zipped = gzipped(plain);
  int refused = 0;
  for (int k = 0; k < 2000; ++k) {
    auto bytes = k % 2 == 0 ? plain : zipped;
    if (k % 3 == 0) bytes.resize(random() % (bytes.size() + 1));
    for (std::uint32_t m = random() % 4; m > 0 && !bytes.empty(); --m) {
      // The header is hit as often as the rest.
      const std::size_t at = random() % 2 == 0 ? random() % std::min<std::size_t>(bytes.size(), 20)
                                               : random() % bytes.size();
      bytes[at] = static_cast<std::byte>(random());
    }
    try {
      const IdxArray array = parse_idx(bytes, 3, "f.idx");
      REQUIRE(array.data.size() <= 1032 * bytes.size());
    } catch (const UsageError&) {
      ++refused;
    }
  }
  CHECK(refused > 600);
}

TEST_CASE("images and labels must fit each other") {
  const TempFolder folder;
  const auto refused = [&](std::vector<std::byte> images,
                           std::vector<std::byte> labels) -> std::string {
    folder.write("i", images);
    folder.write("l", labels);
    try {
      read_idx_pair(folder.path() / "i", folder.path() / "l");
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  CHECK(refused(idx_bytes({12, 28, 28}, 256), idx_bytes({12}, 10)).empty());
  says(refused(idx_bytes({12, 28, 28}, 256), idx_bytes({11}, 10)),
       "byte 4: 11 labels; expected 12");
  says(refused(idx_bytes({12, 28, 27}, 256), idx_bytes({12}, 10)),
       "byte 12: images of 28 x 27; expected 28 x 28");
  says(refused(idx_bytes({12, 28, 28}, 256), idx_bytes({12}, 11)),
       "byte 18: label 10; expected 0 to 9");
}

}  // namespace
}  // namespace vernier::engine
