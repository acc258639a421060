// make_report_fixture FOLDER: writes example databases and the reports of them that the browser tests open. --sizes: those of sizes.mjs.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "reports/claims_index.h"
#include "reports/report.h"
#include "tests/reports/example_claims.h"
#include "tests/reports/example_study.h"

using namespace vernier;
using reports::example::Recipe;

namespace {

void write(const std::filesystem::path& folder, const std::string& name, const std::string& page) {
  std::ofstream file(folder / (name + ".html"), std::ios::binary);
  file << page;
  if (!file.flush()) throw std::runtime_error("cannot write " + name);
  std::cout << name << ".html " << page.size() << " bytes\n";
}

void write(const std::filesystem::path& folder, const std::filesystem::path& db,
           const std::string& name, std::vector<std::string> studies, int trial = 0) {
  write(folder, name, reports::html_report(db, {std::move(studies), "", trial}));
}

/// The claims on pages of their own, and the indexes that lead there.
void write_claims(const std::filesystem::path& folder, const std::filesystem::path& db,
                  const std::vector<std::string>& studies) {
  write(folder, db, "claims", studies);
  std::vector<std::string> pages;
  for (const auto& study : studies)
    pages.push_back(study + "=" +
                    (study == "xor" || study == "pictures" ? study + ".html" : "claims.html"));
  write(folder, "index",
        reports::claims_index(
            db, {studies, pages, "Lectures", {"xor.html=A linear model cannot do <xor>"}}));
  write(folder, "index60", reports::claims_index(db, {{"many"}, {"many=many.html"}, ""}));
  const std::string hostile = "<b>all</b>\"'&";
  write(folder, "hostile_index",
        reports::claims_index(
            db, {{hostile}, {hostile + "=javascript/<a href='x'>\"%3C.html"}, hostile}));
}

void make(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  const auto db = folder / "fixture.db";
  for (const char* ending : {"", "-wal", "-shm", ".lock"})
    std::filesystem::remove(db.string() + ending);
  std::vector<std::string> claims;
  {
    auto store = store::Store::open(db, store::Mode::write);
    const auto first = reports::example::add_search(store, Recipe{});
    reports::example::add_artifacts(store, first, 17);
    reports::example::add_two_objectives(store, "objectives");
    for (const char* sampler : {"gp", "random"})
      for (std::uint64_t seed = 1; seed <= 6; ++seed)
        reports::example::add_search(
            store, {fmt::format("seeds-{}-{}", sampler, seed), sampler, "full", 10 * seed, 30, 8});
    reports::example::add_search(store, {"mnist-random", "random", "full", 2, 60, 20});
    reports::example::add_search(store, {"mnist-gp", "gp", "full", 3, 60, 20});
    reports::example::add_search(store, {"mnist-asha", "gp", "asha", 4, 120, 20});
    reports::example::add_search(store, {"large", "gp", "median", 5, 1000, 50});
    reports::example::add_search(store, {"tiny", "random", "full", 6, 2, 1});
    reports::example::add_hostile(store);
    reports::example::add_all_hostile(store, "<b>all</b>\"'&");
    reports::example::add_empty(store, "empty");
    claims = reports::example::add_claims(store);
    reports::example::add_many_claims(store, 60);
  }
  write_claims(folder, db, claims);
  write(folder, db, "study", {"mnist-mlp"});
  write(folder, db, "several", {"mnist-random", "mnist-gp", "mnist-asha"});
  std::vector<std::string> seeds;
  for (int seed = 1; seed <= 6; ++seed)
    for (const char* sampler : {"gp", "random"})
      seeds.push_back(fmt::format("seeds-{}-{}", sampler, seed));
  write(folder, db, "seeds", seeds);
  write(folder, db, "objectives", {"objectives"});
  write(folder, db, "trial", {"mnist-mlp"}, 17);
  write(folder, db, "large", {"large"});
  write(folder, db, "tiny", {"tiny"});
  write(folder, db, "empty", {"empty"});
  write(folder, db, "all_hostile", {"<b>all</b>\"'&"});
  write(folder, db, "hostile_trial", {"<b>all</b>\"'&"}, 17);
  write(folder, db, "hostile", {"</title></script><script>alert('study')</script> \"q\" 'q'"});
}

/// Reports of one study each, for sizes.mjs.
void make_sizes(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  const auto db = folder / "sizes.db";
  for (const char* ending : {"", "-wal", "-shm", ".lock"})
    std::filesystem::remove(db.string() + ending);
  const int sizes[] = {200, 2000, 10000};
  {
    auto store = store::Store::open(db, store::Mode::write);
    for (const int n : sizes)
      reports::example::add_search(store, {fmt::format("trials-{}", n), "gp", "median", 5, n, 50});
  }
  for (const int n : sizes) write(folder, db, fmt::format("{}", n), {fmt::format("trials-{}", n)});
}

}  // namespace

int main(int argc, char** argv) {
  const bool sizes = argc == 3 && std::string(argv[1]) == "--sizes";
  if (argc != 2 && !sizes) {
    std::cerr << "usage: make_report_fixture [--sizes] FOLDER\n";
    return 2;
  }
  try {
    sizes ? make_sizes(argv[2]) : make(argv[1]);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
