#include "search/seen.h"

#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

namespace {

Config at(double x) { return Config({{"x", x}, {"y", 0.0}}); }

History of(const std::vector<double>& xs) {
  History history;
  for (const double x : xs) add(history, {at(x), {}}, Outcome::completed);
  return history;
}

}  // namespace

TEST_CASE("seen: knows exactly the last history, grown, shortened or replaced") {
  const Space space = float_space();
  Seen seen(space);
  seen.update(of({1, 2}));
  seen.update(of({1, 2, 3}));
  CHECK((seen.contains(at(1)) && seen.contains(at(3))));
  CHECK(seen.restarts() == 0);
  seen.update(of({1, 2}));
  CHECK_FALSE(seen.contains(at(3)));
  seen.update(of({4, 5, 6}));
  CHECK_FALSE(seen.contains(at(1)));
  CHECK(seen.contains(at(6)));
  CHECK(seen.restarts() == 2);
  seen.update({});
  CHECK_FALSE(seen.contains(at(6)));
}

TEST_CASE("seen: types and order of settings do not matter") {
  const Space space = float_space();
  Seen seen(space);
  History history;
  add(history, {Config({{"y", whole(3)}, {"x", whole(1)}}), {}}, Outcome::failed);
  seen.update(history);
  CHECK(seen.contains(Config({{"x", 1.0}, {"y", 3.0}})));
}
