#include "core/hash.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/rng.h"

namespace vernier {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string sequence(int first, int step) {
  std::string text;
  for (int i = 0; i < 32; ++i) text += static_cast<char>(first + i * step);
  return text;
}

}  // namespace

TEST_CASE("crc32c gives the examples of RFC 3720, by instruction and by table") {
  const std::vector<std::pair<std::string, std::uint32_t>> examples{
      {std::string(32, '\0'), 0x8A9136AA},
      {std::string(32, '\xFF'), 0x62A8AB43},
      {sequence(0, 1), 0x46DD794E},
      {sequence(31, -1), 0x113FDB5C},
      {"123456789", 0xE3069283},
      {"vernier", 0xA807EDEE},
      {"", 0}};
  for (const auto& [text, expected] : examples) {
    CHECK(crc32c(text) == expected);
    CHECK(detail::crc32c_by_table(bytes_of(text)) == expected);
  }
}

TEST_CASE("crc32c of parts continues, and both ways agree on every length and alignment") {
  Rng rng({5, Stream::data, 0});
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(rng.below(256));
  for (std::size_t first = 0; first < 9; ++first) {
    for (std::size_t size = 0; first + size <= text.size(); ++size) {
      const std::string_view part = std::string_view(text).substr(first, size);
      const std::uint32_t whole = crc32c(part);
      REQUIRE(detail::crc32c_by_table(std::as_bytes(std::span(part))) == whole);
      REQUIRE(crc32c(part.substr(size / 3), crc32c(part.substr(0, size / 3))) == whole);
    }
  }
}

TEST_CASE("content hashes are XXH3-128 as its own tools print it") {
  CHECK(content_hash("") == "99aa06d3014798d86001c324468d497f");
  CHECK(content_hash("a") == "a96faf705af16834e6c632b61e964e1f");
  CHECK(content_hash("vernier") == "fcb8fb27c8d78618d6fe4f368acf6bbc");
  std::string long_text;
  for (int i = 0; i < 5 * 256; ++i) long_text += static_cast<char>(i % 256);
  CHECK(content_hash(long_text) == "d92ab3a1cb0542a74844b009e164352e");
}

}  // namespace vernier
