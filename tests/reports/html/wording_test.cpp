#include "reports/html/wording.h"

#include <doctest/doctest.h>

using namespace vernier::reports;

TEST_CASE("a value has the decimals that its interval warrants") {
  CHECK(plus_minus(0.98134, 0.0021) == "0.981 ± 0.002");
  CHECK(plus_minus(0.98134, 0.0013) == "0.9813 ± 0.0013");
  CHECK(plus_minus(-0.5, 0) == "-0.5");
}

TEST_CASE("rounding does not hide whether an interval excludes 0") {
  CHECK(plus_minus(0.0041, 0.0038) == "0.0041 ± 0.0038");
  CHECK(plus_minus(-0.0038, 0.00412) == "-0.0038 ± 0.0041");
  CHECK(plus_minus(0.004, 0.004) == "0.004000 ± 0.004000");
  CHECK(plus_minus(0.032, 0.386) == "0.03 ± 0.39");
  CHECK(plus_minus(-0.0004, 0.03) == "-0.0004 ± 0.0300");
  CHECK(plus_minus(0, 0.03) == "0.00 ± 0.03");
}
