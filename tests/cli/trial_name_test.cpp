#include "cli/trial_name.h"

#include <doctest/doctest.h>

#include "core/error.h"

using namespace vernier;
using namespace vernier::cli;

TEST_CASE("a trial is STUDY#N or STUDY#best, a name without # a study") {
  CHECK(parse_trial_name("mnist#17").number == 17);
  CHECK(parse_trial_name("mnist#17").study == "mnist");
  CHECK(parse_trial_name("mnist#best").best);
  CHECK_FALSE(parse_trial_name("mnist").number.has_value());
  CHECK(parse_trial_name("a#b#3").study == "a#b");
}

TEST_CASE("anything else after # is refused") {
  for (const char* text : {"m#", "m#0", "m#-1", "m#x", "m#1x", "m#99999999999"})
    CHECK_THROWS_AS(parse_trial_name(text), UsageError);
}
