#include "cli/options.h"

#include <doctest/doctest.h>

#include <sstream>

#include "core/error.h"

using namespace vernier;
using namespace vernier::cli;

namespace {

struct Parsed {
  std::ostringstream out, err;
  Options options{"demo NAME [options]", "A demonstration."};
  explicit Parsed(std::vector<std::string> args) {
    options.argument("NAME", 1, 1)
        .flag("json", "as JSON")
        .value("number,n", "N", "how many")
        .values("set", "KEY=VALUE", "settings");
    shown = !options.parse({std::move(args), out, err});
  }
  bool shown = false;
};

}  // namespace

TEST_CASE("options, their short forms, repeated ones and arguments are read") {
  const Parsed p({"study", "-n", "3", "--set", "a=1", "--set=b=2", "--json"});
  CHECK(*p.options.text("NAME") == "study");
  CHECK(*p.options.integer("number", 1, 10) == 3);
  CHECK(p.options.list("set") == std::vector<std::string>{"a=1", "b=2"});
  CHECK(p.options.has("json"));
  CHECK_FALSE(Parsed({"study"}).options.has("json"));
}

TEST_CASE("an unknown option names the nearest one") {
  CHECK_THROWS_WITH_AS(Parsed({"study", "--jsno"}),
                       "[demo] unknown option '--jsno'; did you mean '--json'?", UsageError);
}

TEST_CASE(
    "missing and surplus arguments and values out of range are refused with what was expected") {
  CHECK_THROWS_WITH_AS(Parsed({}), "[demo] NAME is missing; expected: vernier demo NAME [options]",
                       UsageError);
  CHECK_THROWS_AS(Parsed({"a", "b"}), UsageError);
  CHECK_THROWS_WITH_AS(Parsed({"a", "-n", "eleven"}).options.integer("number", 1, 10),
                       "[demo] --number 'eleven'; expected a whole number from 1 to 10",
                       UsageError);
  CHECK_THROWS_AS(Parsed({"a", "-n", "11"}).options.integer("number", 1, 10), UsageError);
}

TEST_CASE("--help prints usage and options, and nothing else happens") {
  const Parsed p({"--help"});
  CHECK(p.shown);
  CHECK(p.out.str().find("usage: vernier demo NAME") == 0);
  CHECK(p.out.str().find("--set") != std::string::npos);
}
