// The fuzz targets over their corpus and some mutations of it: a short form of the campaign in tests/README.md, with any compiler.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/file.h"
#include "core/rng.h"
#include "tests/fuzz/targets.h"

using namespace vernier;

namespace {

namespace fs = std::filesystem;

std::vector<std::string> seeds(const std::string& folder) {
  std::vector<std::string> texts;
  for (const auto& entry : fs::directory_iterator(fs::path(VERNIER_SOURCE_DIR) / folder))
    if (entry.is_regular_file() && entry.path().extension() != ".sh")
      texts.push_back(read_text(entry.path()));
  return texts;
}

std::string mutated(const std::vector<std::string>& corpus, Rng& rng) {
  std::string text = corpus[rng.below(corpus.size())];
  for (auto n = 1 + rng.below(4); n > 0; --n) {
    const std::size_t at = rng.below(text.size() + 1);
    switch (rng.below(5)) {
      case 0:
        text.insert(at, 1, static_cast<char>(rng.below(256)));
        break;
      case 1:
        if (at < text.size()) text.erase(at, 1 + rng.below(4));
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ 1 << rng.below(8));
        break;
      case 3: {  // a piece of another one
        const std::string& other = corpus[rng.below(corpus.size())];
        const std::size_t from = rng.below(other.size() + 1);
        text.insert(at, other.substr(from, rng.below(20)));
        break;
      }
      default:
        text.resize(std::min(text.size(), at + 1));
    }
  }
  return text;
}

template <class Target>
void campaign(const Target& target, const std::vector<std::string>& corpus, int mutations) {
  REQUIRE(!corpus.empty());
  const auto run = [&](const std::string& text) {
    target(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  };
  for (const std::string& text : corpus) run(text);
  const std::uint64_t seed = 8675309;
  Rng rng(RngKey{seed});
  for (int k = 0; k < mutations; ++k) run(mutated(corpus, rng));
  MESSAGE("seed " << seed << ", inputs " << corpus.size() + static_cast<std::size_t>(mutations));
}

}  // namespace

TEST_CASE("hostile filters are errors, and mean in SQL what they mean in core/expr") {
  campaign(fuzz::filter, seeds("tests/fuzz/corpus/filter"), 20'000);
}

TEST_CASE("hostile study files are errors, and good ones read back from the database alike") {
  auto corpus = seeds("tests/fuzz/corpus/study");
  for (const auto& entry : fs::directory_iterator(fs::path(VERNIER_SOURCE_DIR) / "experiments"))
    if (entry.path().extension() == ".yaml") corpus.push_back(read_text(entry.path()));
  campaign(fuzz::study, corpus, 3'000);
}

TEST_CASE("hostile lists of layers are errors, and good ones build and are addressed by name") {
  campaign(fuzz::layers, seeds("tests/fuzz/corpus/layers"), 20'000);
}

TEST_CASE("hostile databases are errors or read right") {
  campaign(fuzz::database, seeds("tests/fuzz/corpus/database"), 300);
}

TEST_CASE("hostile HTTP is refused, and edits nothing without the token") {
  campaign(fuzz::http, seeds("tests/fuzz/corpus/http"), 2'000);
}

TEST_CASE("hostile data files are errors, or hold what they promise") {
  campaign(fuzz::data, seeds("tests/fuzz/corpus/data"), 20'000);
}

TEST_CASE("hostile imports are errors, or come in whole") {
  campaign(fuzz::imports, seeds("tests/fuzz/corpus/imports"), 600);
}
