#include <doctest/doctest.h>

#include <random>

#include "core/error.h"
#include "engine/data/csv_columns.h"
#include "engine/data/csv_table.h"

namespace vernier::engine {
namespace {

using Row = std::vector<std::string>;

std::string refusal(const std::string& text, const std::string& target = "y") {
  try {
    csv_columns(parse_csv(text, "t.csv"), target, "t.csv");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

void says(const std::string& text, const std::string& part) {
  CAPTURE(text);
  CAPTURE(part);
  CHECK(text.find(part) != std::string::npos);
}

/// Six rows "VALUE,CLASS" below "x,y", the given one at line 4.
std::string with_value(const std::string& value) {
  return "x,y\n1,a\n2,b\n" + value + ",a\n4,b\n5,a\n6,b\n";
}

TEST_CASE(
    "RFC 4180: quotes, doubled quotes, commas and line ends inside them, CRLF, no final line end") {
  const CsvTable table =
      parse_csv("\xEF\xBB\xBFname,\"a, b\"\r\n\"x\"\"y\",\"two\nlines\"\r\n\r\n 1 ,\"\"", "t.csv");
  CHECK(table.header == Row{"name", "a, b"});
  REQUIRE(table.rows.size() == 2);
  CHECK(table.rows[0] == Row{"x\"y", "two\nlines"});
  CHECK(table.rows[1] == Row{"1", ""});
  CHECK(table.lines == std::vector<int>{2, 5});
}

TEST_CASE("damaged tables are refused with file and line") {
  says(refusal(""), "[t.csv:1] the file is empty; expected a header");
  says(refusal("\n\n"), "[t.csv:1] the file is empty");
  says(refusal("x,y\n1,2\n3\n"), "[t.csv:3] 1 fields; expected 2");
  says(refusal("x,y\n1,2\n3,4,5\n"), "[t.csv:3] 3 fields; expected 2");
  says(refusal("x,x\n"), "[t.csv:1] column name 'x' appears twice");
  says(refusal("x,\n"), "[t.csv:1] column 2 has no name");
  says(refusal("x,y\n1,\"2\n3,4\n"), "[t.csv:2] a quote is not closed");
  says(refusal("x,y\n1,\"2\"3\n"), "[t.csv:2] text after the closing quote");
  says(refusal(std::string("x,y\n1,\0\n", 8)), "[t.csv:2] a zero byte");
  says(refusal("x,y\n1,2\n"), "1 rows below the header; expected 6 or more");
}

TEST_CASE("a value that is no number names file, line, column and value") {
  says(refusal(with_value("12e")), "[t.csv:4] column 'x': found '12e'; expected a finite number");
  says(refusal(with_value("")), "[t.csv:4] column 'x': found ''");
  says(refusal(with_value("nan")), "[t.csv:4] column 'x': found 'nan'");
  says(refusal(with_value("1e99")), "[t.csv:4] column 'x': found '1e99'");
  CHECK(refusal(with_value("3")).empty());
}

TEST_CASE("the target must be a column, and say which") {
  says(refusal(with_value("3"), ""), "[data.target] missing; expected a column of t.csv: x, y");
  says(refusal("class,x\na,1\n", "clas"),
       "[data.target] t.csv has no column 'clas'; did you mean 'class'?");
}

TEST_CASE("text targets are classes in byte order, text inputs become one feature per text") {
  const RawData data = csv_columns(
      parse_csv("c,x,y\nred,1,no\nblue,2,yes\nred,3,no\ngreen,4,yes\nred,5,no\nred,6,maybe\n", "t"),
      "y", "t");
  CHECK(data.class_names == Row{"maybe", "no", "yes"});
  CHECK(data.pool.labels == std::vector<std::int32_t>{1, 2, 1, 2, 1, 0});
  CHECK(data.shape == std::vector<int>{4});  // blue, green, red, x
  CHECK(std::vector<float>(data.pool.numbers.begin(), data.pool.numbers.begin() + 8) ==
        std::vector<float>{0, 0, 1, 1, 1, 0, 0, 2});
}

TEST_CASE(
    "a numeric target: few whole numbers are classes in ascending order, others are predicted as "
    "numbers") {
  const RawData classes =
      csv_columns(parse_csv("x,y\n1,10\n2,9\n3,10\n4,9\n5,9\n6,-1\n", "t"), "y", "t");
  CHECK(classes.class_names == Row{"-1", "9", "10"});
  CHECK(classes.pool.labels == std::vector<std::int32_t>{2, 1, 2, 1, 1, 0});
  const RawData numbers =
      csv_columns(parse_csv("x,y\n1,10\n2,9\n3,10\n4,9.5\n5,9\n6,-1\n", "t"), "y", "t");
  CHECK(numbers.classes == 0);
  CHECK(numbers.outputs == 1);
  CHECK(numbers.pool.targets == std::vector<float>{10, 9, 10, 9.5, 9, -1});
  says(refusal("x,y\n1,a\n2,a\n3,a\n4,a\n5,a\n6,a\n"), "has 1 different values in 6 rows");
}

TEST_CASE("1,000 random mutations and truncations of a table are read or refused, never worse") {
  const std::uint32_t seed = 4711;
  MESSAGE("seed ", seed);
  std::mt19937 random(seed);
  std::string good = "alpha,beta,\"gam,ma\",y\n";
  for (int r = 0; r < 12; ++r) {
    good += std::to_string(r) + ".5," + (r % 2 == 0 ? "red" : "\"bl\"\"ue\"") + "," +
            std::to_string(r * r) + ",c" + std::to_string(r % 3) + "\n";
  }
  const std::string alphabet("\",\n\r\0 a1.-e\xFF", 13);
  int refused = 0;
  for (int k = 0; k < 1000; ++k) {
    std::string text = good;
    if (k % 4 == 0) text.resize(random() % (text.size() + 1));
    for (std::uint32_t m = random() % 5; m > 0 && !text.empty(); --m) {
      const std::size_t at = random() % text.size();
      const char c = alphabet[random() % alphabet.size()];
      if (random() % 3 == 0) {
        text.insert(at, 1, c);
      } else if (random() % 2 == 0) {
        text.erase(at, 1 + random() % 5);
      } else {
        text[at] = c;
      }
    }
    try {
      const RawData data = csv_columns(parse_csv(text, "t.csv"), "y", "t.csv");
      REQUIRE(data.pool.numbers.size() == static_cast<std::size_t>(data.pool.n * data.features()));
      for (const float value : data.pool.numbers) REQUIRE(std::isfinite(value));
      for (const std::int32_t label : data.pool.labels)
        REQUIRE((label >= 0 && label < data.classes));
    } catch (const UsageError&) {
      ++refused;
    }
  }
  CHECK(refused > 200);
  CHECK(refused < 1000);
}

}  // namespace
}  // namespace vernier::engine
