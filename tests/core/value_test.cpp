#include "core/value.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/error.h"

namespace vernier {
namespace {

using namespace std::string_literals;

const Value whole = std::int64_t{64};

}  // namespace

TEST_CASE("values keep type and content through JSON") {
  for (const Value& value : {Value(), Value(true), whole, Value(0.1), Value(64.0), Value("text"s),
                             Value(std::int64_t{INT64_MIN})}) {
    CAPTURE(to_text(value));
    CHECK(value_from_json(Json::parse(to_json(value).dump())) == value);
  }
  CHECK(value_from_json(Json(UINT64_MAX)) == Value(18446744073709551616.0));
  CHECK_THROWS_AS(value_from_json(Json::array()), UsageError);
  CHECK_THROWS_AS(value_from_json(Json::object()), UsageError);
}

TEST_CASE("values read as a person writes them") {
  CHECK(to_text(Value(0.001)) == "0.001");
  CHECK(to_text(Value(64.0)) == "64");
  CHECK(to_text(whole) == "64");
  CHECK(to_text(Value("relu"s)) == "relu");
  CHECK(to_text(Value(true)) == "true");
  CHECK(to_text(Value()) == "null");
  CHECK(to_text(Value(0.1 + 0.2)) == "0.30000000000000004");
}

TEST_CASE("booleans and numbers are numbers, texts and null are not") {
  CHECK(as_number(Value(true)) == 1);
  CHECK(as_number(whole) == 64);
  CHECK(as_number(Value(0.5)) == 0.5);
  CHECK(std::isnan(as_number(Value("1"s))));
  CHECK(std::isnan(as_number(Value())));
  CHECK(is_number(Value(false)));
  CHECK_FALSE(is_number(Value("1"s)));
  CHECK_FALSE(is_number(Value()));
}

TEST_CASE("a configuration keeps its order and replaces in place") {
  Config config;
  config.set("depth", std::int64_t{2});
  config.set("lr", 0.1);
  config.set("depth", std::int64_t{3});
  CHECK(config.size() == 2);
  CHECK(config.begin()->second == Value(std::int64_t{3}));
  CHECK(config.find("width") == nullptr);
  CHECK(to_json(config).dump() == R"({"depth":3,"lr":0.1})");
  CHECK(config_from_json(to_json(config)) == config);
  CHECK_THROWS_AS(config_from_json(Json::array()), UsageError);
  CHECK_THROWS_AS(config_from_json(Json::parse(R"({"a":[1]})")), UsageError);
}

TEST_CASE("keys are equal exactly where two configurations are the same trial") {
  const auto key = [](std::vector<Config::Item> items) { return Config(std::move(items)).key(); };
  CHECK(key({{"a", whole}, {"b", 0.5}}) == key({{"b", 0.5}, {"a", whole}}));
  CHECK(key({{"a", whole}}) == key({{"a", 64.0}}));
  CHECK(key({{"a", 0.0}}) == key({{"a", -0.0}}));
  CHECK(key({{"a", 0.1}}) != key({{"a", std::nextafter(0.1, 1)}}));
  CHECK(key({{"a", "64"s}}) != key({{"a", whole}}));
  CHECK(key({{"a", true}}) != key({{"a", std::int64_t{1}}}));
  CHECK(key({{"a", true}}) != key({{"a", "true"s}}));
  CHECK(key({{"a", Value()}}) != key({}));
  CHECK(key({{"a", "x;1:b=s1:y"s}}) != key({{"a", "x"s}, {"b", "y"s}}));
  CHECK(key({{"a", 9007199254740993.0}}) == key({{"a", std::int64_t{9007199254740992}}}));
}

}  // namespace vernier
