#include "store/exports/csv_cell.h"

#include <doctest/doctest.h>

#include "core/rng.h"

using namespace vernier;
using store::csv_cell;
using store::plain_text;

namespace {

/// RFC 4180, section 2: the field that a reader sees.
std::string unquoted(const std::string& cell) {
  if (cell.empty() || cell.front() != '"') return cell;
  std::string text;
  for (std::size_t i = 1; i + 1 < cell.size(); ++i) {
    text += cell[i];
    if (cell[i] == '"') ++i;
  }
  return text;
}

}  // namespace

TEST_CASE("numbers, booleans and missing values as CSV") {
  CHECK(csv_cell(Value(0.1)) == "0.1");
  CHECK(csv_cell(Value(-2.5e-300)) == "-2.5e-300");
  CHECK(csv_cell(Value(std::int64_t{-7})) == "-7");
  CHECK(csv_cell(Value(true)) == "true");
  CHECK(csv_cell(Value()).empty());
  CHECK(csv_cell(Value(std::string())) == "\"\"");
}

TEST_CASE("any text comes back, and none begins as a formula") {
  const std::uint64_t seed = 20261122;
  MESSAGE("seed " << seed);
  Rng rng(RngKey{seed});
  constexpr std::string_view letters = "=+-@\t\r\n'\",a1 ";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto n = rng.below(7); n > 0; --n) text += letters[rng.below(letters.size())];
    const std::string cell = csv_cell(Value(text)), seen = unquoted(cell);
    CAPTURE(text);
    CHECK(plain_text(seen) == text);
    if (!seen.empty()) CHECK(std::string_view("=+-@\t\r").find(seen.front()) == std::string::npos);
  }
}
