#include "store/query/groups.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "core/rng.h"
#include "core/stats.h"
#include "store/sqlite/connection.h"
#include "tests/store/helpers.h"

namespace vernier::store::test {
namespace {

/// Missing, whole, real (often a whole number) or a text, unless `numeric`.
Value random_value(Rng& rng, bool numeric) {
  switch (rng.below(numeric ? 3 : 5)) {
    case 0:
      return {};
    case 1:
      return static_cast<std::int64_t>(rng.below(5)) - 2;
    case 2:
      return 0.5 * static_cast<double>(rng.below(9)) - 2;
    case 3:
      return std::string(1, static_cast<char>('a' + rng.below(3)));
    default:
      return std::string("2");
  }
}

}  // namespace

TEST_CASE("groups and their aggregates are those of SQLite's GROUP BY") {
  const std::uint64_t seed = std::random_device{}();
  MESSAGE("seed " << seed);
  Rng rng(RngKey{seed});
  for (int round = 0; round < 30; ++round) {
    const TempFolder folder;
    const sqlite::Connection db(folder.db(), sqlite::Access::create, 0);
    db.run("CREATE TABLE t (k ANY, l ANY, x ANY, y ANY) STRICT");
    Groups groups(2, {"mean", "sum", "count", "min", "max", "count"});
    Groups medians(1, {"median"});
    std::vector<std::vector<Value>> all;
    for (auto n = rng.below(200); n > 0; --n) {
      const Value k = random_value(rng, false), l = random_value(rng, false),
                  x = random_value(rng, true), y = random_value(rng, false);
      db.run("INSERT INTO t VALUES (?, ?, ?, ?)", k, l, x, y);
      groups.add(std::vector<Value>{k, l, x, x, x, y, y, std::int64_t{1}});
      medians.add(std::vector<Value>{k, x});
      all.push_back({k, x});
    }
    auto row = db.query(
        "SELECT k, l, avg(x), sum(x), count(x), min(y), max(y), count(*) FROM t GROUP BY k, l "
        "ORDER BY k, l");
    for (const auto& group : groups.rows()) {
      REQUIRE(row.next());
      for (std::size_t i = 0; i < group.size(); ++i) {
        CAPTURE(i);
        const Value expected = row.value(static_cast<int>(i));
        if (i == 2 && is_number(expected)) {
          CHECK(as_number(group[i]) == doctest::Approx(as_number(expected)).epsilon(1e-12));
        } else {
          CHECK(compare_values(group[i], expected) == 0);
        }
      }
    }
    CHECK_FALSE(row.next());
    for (const auto& group : medians.rows()) {
      std::vector<double> sample;
      for (const auto& pair : all)
        if (compare_values(pair[0], group[0]) == 0 && is_number(pair[1]))
          sample.push_back(as_number(pair[1]));
      CHECK(is_number(group[1]) == !sample.empty());
      if (!sample.empty()) CHECK(as_number(group[1]) == median(sample));
    }
  }
}

TEST_CASE("values order as in SQLite, whole and real numbers exactly") {
  const TempFolder folder;
  const sqlite::Connection db(folder.db(), sqlite::Access::create, 0);
  const std::vector<Value> values = {Value(),
                                     std::int64_t{9007199254740993},
                                     9007199254740992.0,
                                     std::int64_t{INT64_MAX},
                                     std::int64_t{INT64_MIN},
                                     9223372036854775808.0,
                                     -9223372036854775808.0,
                                     1e300,
                                     -1e300,
                                     0.5,
                                     -0.5,
                                     std::int64_t{0},
                                     std::int64_t{1},
                                     1.0,
                                     std::string("1"),
                                     std::string(),
                                     std::string("a")};
  for (const Value& a : values) {
    for (const Value& b : values) {
      CAPTURE(vernier::to_text(a));
      CAPTURE(vernier::to_text(b));
      const int order = compare_values(a, b);
      CHECK(order == -compare_values(b, a));
      if (std::holds_alternative<std::monostate>(a) || std::holds_alternative<std::monostate>(b)) {
        CHECK((order == 0) == (a == b));
        continue;
      }
      auto row = db.query("SELECT ?1 < ?2, ?1 = ?2", a, b);
      REQUIRE(row.next());
      CHECK((order < 0) == (row.integer(0) != 0));
      CHECK((order == 0) == (row.integer(1) != 0));
    }
  }
}

}  // namespace vernier::store::test
