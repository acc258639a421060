#include "core/text.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/error.h"
#include "core/rng.h"

namespace vernier {

TEST_CASE("the nearest name is found by edit distance, swaps counting once") {
  const std::vector<std::string> names{"depth", "width", "learning_rate", "lr"};
  CHECK(nearest("dept", names) == "depth");
  CHECK(nearest("wdith", names) == "width");
  CHECK(nearest("WIDTH", names) == "width");
  CHECK(nearest("leraning_rate", names) == "learning_rate");
  CHECK(nearest("lrr", names) == "lr");
  CHECK(nearest("momentum", names).empty());
  CHECK(nearest("x", names).empty());
  CHECK(nearest("", names).empty());
  CHECK(nearest("depth", {}).empty());
  CHECK(nearest(std::string(1000000, 'd'), names).empty());
}

TEST_CASE("a hint names the nearest candidate, else lists at most twelve") {
  const std::vector<std::string> few{"grid", "random", "gp"};
  CHECK(hint("rndom", few) == "; did you mean 'random'?");
  CHECK(hint("bayesian", few) == "; expected one of grid, random, gp");
  CHECK(hint("anything", {}).empty());
  std::vector<std::string> many;
  for (int i = 0; i < 13; ++i) many.push_back("name" + std::to_string(i));
  CHECK(hint("zzzzzzzzzzz", many).ends_with("name11, ..."));
}

TEST_CASE("split, trim and join") {
  CHECK(split("a,,b", ',') == std::vector<std::string>{"a", "", "b"});
  CHECK(split("", ',') == std::vector<std::string>{""});
  CHECK(trim(" \t a b\r\n") == "a b");
  CHECK(trim(" \n ").empty());
  CHECK(join(std::vector<std::string>{"a", "b"}, ", ") == "a, b");
  CHECK(join({}, ", ").empty());
}

TEST_CASE("numbers are read as a whole or not at all") {
  CHECK(parse_double("1e-5") == 1e-5);
  CHECK(parse_double("1.0e-5") == 1e-5);
  CHECK(parse_double("-3") == -3);
  CHECK(parse_double("+3.5") == 3.5);
  CHECK(parse_double("0.1") == 0.1);
  CHECK(std::isnan(*parse_double("nan")));
  for (const char* wrong :
       {"", " 1", "1 ", "1x", "0x10", "1,5", "--1", "+-1", "+", "1e999", "e5"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_double(wrong));
  }
  CHECK(parse_int("-12") == -12);
  CHECK(parse_int("9223372036854775807") == 9223372036854775807);
  for (const char* wrong : {"", "1.0", "9223372036854775808", "1e3", "0x1"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_int(wrong));
  }
}

TEST_CASE("durations are read in seconds") {
  CHECK(parse_duration("90") == 90);
  CHECK(parse_duration("90s") == 90);
  CHECK(parse_duration("10m") == 600);
  CHECK(parse_duration("1.5h") == 5400);
  CHECK(parse_duration("1d") == 86400);
  CHECK(parse_duration("250ms") == 0.25);
  CHECK(parse_duration(" 2 h ") == 7200);
  for (const char* wrong : {"", "h", "-1s", "1w", "1h30m", "nan", "inf", "1e400", "s10"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_duration(wrong), UsageError);
  }
}

TEST_CASE("sizes are read in bytes") {
  CHECK(parse_bytes("512MB") == 512000000);
  CHECK(parse_bytes("8GB") == 8000000000);
  CHECK(parse_bytes("1GiB") == 1073741824);
  CHECK(parse_bytes("1.5 kB") == 1500);
  CHECK(parse_bytes("100") == 100);
  for (const char* wrong : {"", "MB", "-1MB", "1XB", "1e30GB", "nan"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_bytes(wrong), UsageError);
  }
}

TEST_CASE("numbers, durations and sizes are written for people") {
  CHECK(format_number(0.98134) == "0.9813");
  CHECK(format_number(1.2e-5) == "1.2e-05");
  CHECK(format_number(64) == "64");
  CHECK(format_number(12000) == "12000");
  CHECK(format_number(-12345.6) == "-12346");
  CHECK(format_number(123456789) == "1.235e+08");
  CHECK(format_number(-0.0) == "0");
  CHECK(format_number(std::nan("")) == "nan");
  CHECK(format_duration(0) == "0 s");
  CHECK(format_duration(0.0123) == "12.3 ms");
  CHECK(format_duration(3.14) == "3.1 s");
  CHECK(format_duration(45) == "45 s");
  CHECK(format_duration(59.7) == "1 min");
  CHECK(format_duration(200) == "3 min 20 s");
  CHECK(format_duration(3599.9) == "1 h");
  CHECK(format_duration(7500) == "2 h 5 min");
  CHECK(format_duration(86399) == "1 d");
  CHECK(format_duration(100000) == "1 d 4 h");
  CHECK(format_bytes(512) == "512 B");
  CHECK(format_bytes(999.9) == "1 kB");
  CHECK(format_bytes(12.3e6) == "12.3 MB");
  CHECK(format_bytes(999.9e6) == "1 GB");
  CHECK(format_bytes(5e15) == "5000 TB");
}

TEST_CASE("text for a terminal carries no escapes and no broken UTF-8") {
  CHECK(printable("plain text, größe, 日本, 🙂") == "plain text, größe, 日本, 🙂");
  CHECK(printable("\x1b[31mred\x07\n\t") == "?[31mred???");
  CHECK(printable("\xC2\x9B"
                  "31m") == "?31m");  // the one-character form of ESC [
  CHECK(printable("a\xE2\x80\xAE"
                  "b") == "a?b");  // right-to-left override
  CHECK(printable("a\xFF"
                  "b") ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(printable("\xC0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD");                  // overlong
  CHECK(printable("\xED\xA0\x80").find('\xED') == std::string::npos);          // surrogate
  CHECK(printable("\xF0\x9F\x99") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // cut short
}

TEST_CASE("printable text stays as it is, whatever the bytes were") {
  Rng rng({3, Stream::sampler, 0});
  for (int round = 0; round < 20000; ++round) {
    std::string bytes;
    for (auto count = rng.below(12); count > 0; --count) {
      bytes += static_cast<char>(rng.below(2) == 0 ? rng.below(256) : 0x80 + rng.below(0x80));
    }
    const std::string once = printable(bytes);
    REQUIRE(printable(once) == once);
  }
}

TEST_CASE("every double is read back from its text") {
  Rng rng({4, Stream::sampler, 0});
  for (int round = 0; round < 20000; ++round) {
    const double value = std::ldexp(rng.normal(), static_cast<int>(rng.below(600)) - 300);
    REQUIRE(parse_double(fmt::format("{}", value)) == value);
  }
}

}  // namespace vernier
