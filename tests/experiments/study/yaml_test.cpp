#include "experiments/study/yaml.h"

#include "core/rng.h"
#include "core/text.h"
#include "tests/experiments/support.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;

namespace {

Json value_of(const std::string& text) { return read_yaml("a: " + text, "f").json["a"]; }
std::string error_of(const std::string& text) {
  return refusal([&] { (void)read_yaml(text, "f"); });
}

}  // namespace

TEST_CASE("numbers, texts, booleans and null are told apart as a person means them") {
  CHECK(value_of("1e-5") == Json(1e-5));
  CHECK(value_of("1.0e-5") == Json(1e-5));
  CHECK(value_of("3").is_number_integer());
  CHECK(value_of("+3") == Json(3));
  CHECK(value_of("-3") == Json(-3));
  CHECK(value_of("3.0").is_number_float());
  CHECK(value_of("18446744073709551615") == Json(18446744073709551615ull));
  CHECK(value_of("1e3").is_number_float());
  CHECK(value_of("'3'") == Json("3"));
  CHECK(value_of("\"yes\"") == Json("yes"));
  CHECK(value_of("True") == Json(true));
  CHECK(value_of("~").is_null());
  CHECK(value_of("").is_null());
  CHECK(value_of("1-2") == Json("1-2"));
  CHECK(value_of("e5") == Json("e5"));
  CHECK(value_of("relu") == Json("relu"));
}

TEST_CASE("words that YAML versions read differently, tags and infinities are refused by place") {
  for (const char* word : {"yes", "no", "On", "OFF"})
    CHECK(contains(error_of("b: 1\na: " + std::string(word)), "f:2:4: [a] found "));
  CHECK(contains(error_of("a: !!str 3"), "f:1:4: tag"));
  CHECK(contains(error_of("a: .inf"), "f:1:4: [a] found .inf"));
  CHECK(contains(error_of("a: .nan"), "finite"));
}

TEST_CASE("a key given twice is refused where it stands the second time") {
  CHECK(error_of("a: 1\nb: {c: 1, d: 2, c: 3}") ==
        "f:2:17: [c] is there twice; expected every key once");
  CHECK(contains(error_of("a: 1\na: 1"), "f:2:1"));
  CHECK(error_of("a: {x: 1}\nb: {x: 1}").empty());
}

TEST_CASE("keys and values know their line and column") {
  const Document document = read_yaml("# note\na:\n  b: {c: 1,\n      d: [x, 2]}\n", "f");
  CHECK(document.places.key("a.b.c") == "f:3:7: ");
  CHECK(document.places.value("a.b.c") == "f:3:10: ");
  CHECK(document.places.value("a.b.d.1") == "f:4:14: ");
  CHECK(document.places.value("a.b.unknown") == document.places.value("a.b"));
  CHECK(document.places.value("other").empty());
}

TEST_CASE("aliases are values, and their size counts in full") {
  CHECK(read_yaml("a: &x {k: [1, 2]}\nb: *x", "f").json["b"] == Json{{"k", {1, 2}}});
  std::string bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += fmt::format("a{0}: &a{0} [", i);
    for (int k = 0; k < 10; ++k) bomb += fmt::format("{}*a{}", k ? ", " : "", i - 1);
    bomb += "]\n";
  }
  CHECK(contains(error_of(bomb), "more than 100000 values"));
  CHECK(!error_of("a: &x [*x]").empty());
  CHECK(!error_of("a: *unknown").empty());
}

TEST_CASE("nesting, size and foreign bytes are bounded") {
  CHECK(!error_of("a: " + std::string(10000, '[')).empty());
  CHECK(contains(error_of("a: " + std::string(65, '[') + std::string(65, ']')), "64 levels"));
  CHECK(error_of("a: " + std::string(60, '[') + std::string(60, ']')).empty());
  std::string block;
  for (int i = 0; i < 200; ++i) block += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  CHECK(contains(error_of(block), "levels"));
  CHECK(contains(error_of(std::string((1 << 20) + 1, 'a')), "1 MB"));
  CHECK(contains(error_of("a: 1\nb: \xff"), "f:2:1: bytes that are not UTF-8"));
  CHECK(contains(error_of(std::string("a: \0", 4)), "UTF-8"));
  CHECK(contains(error_of("a: 1\n---\nb: 2"), "second document"));
  CHECK(!error_of("a: [1, 2").empty());
  CHECK(!error_of("? [a]\n: 1").empty());
  CHECK(!error_of("a:\n\tb: 1").empty());
}

TEST_CASE("random mutations of a study file are read or refused, never more") {
  const std::uint64_t seed = 20260102;
  MESSAGE("seed " << seed);
  Rng rng({seed, Stream::data, 0});
  const std::string original = study_template("mlp");
  const std::string letters = "{}[]:,-&*!?|>'\"#%@`~ \n\t\\0123456789.eE+_abcyno\xff\x01";
  const TempFolder folder;
  int read = 0, refused = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string text = original;
    for (std::uint64_t n = 1 + rng.below(4); n > 0; --n) {
      const auto at = static_cast<std::size_t>(rng.below(static_cast<std::uint32_t>(text.size())));
      const auto length = std::min<std::size_t>(rng.below(30), text.size() - at);
      switch (rng.below(4)) {
        case 0:
          text[at] = letters[rng.below(static_cast<std::uint32_t>(letters.size()))];
          break;
        case 1:
          text.erase(at, length);
          break;
        case 2:
          text.insert(at, text.substr(at, length));
          break;
        default:
          text.insert(at, 1, letters[rng.below(static_cast<std::uint32_t>(letters.size()))]);
      }
      if (text.empty()) text = "a";
    }
    try {
      const Spec spec = load_spec(folder.write("study.yaml", text));
      CHECK(spec_from_json(spec.json).hash() == spec.hash());
      ++read;
    } catch (const UsageError& error) {
      const std::string what = error.what();
      CHECK_MESSAGE(contains(what, "study.yaml:"), what);
      ++refused;
    }
  }
  MESSAGE(read << " read, " << refused << " refused");
  CHECK(read > 100);
  CHECK(refused > 100);
}
