#include "reports/report.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "core/error.h"
#include "tests/reports/example_study.h"

using namespace vernier;
using namespace vernier::reports;

namespace {

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/vernier-report-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::filesystem::path db() const { return path_ / "r.db"; }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("200 trials of 50 steps with 5 metrics make a page of at most 500 KB") {
  Folder folder;
  {
    auto store = store::Store::open(folder.db(), store::Mode::write);
    example::add_search(store, {});
  }
  const std::string page = html_report(folder.db(), {{"mnist-mlp"}, ""});
  MESSAGE("page of " << page.size() << " bytes");
  CHECK(page.size() <= 500000);
  CHECK(page.find("<title>mnist-mlp</title>") != page.npos);
}

TEST_CASE("several studies, one without trials, hostile names: one page, nothing of them as HTML") {
  Folder folder;
  std::string hostile;
  {
    auto store = store::Store::open(folder.db(), store::Mode::write);
    example::add_hostile(store);
    example::add_empty(store, "empty");
    hostile = store.studies().front().name;
  }
  const std::string page = html_report(folder.db(), {{hostile, "empty"}, ""});
  CHECK(page.find("<script>alert") == page.npos);
  CHECK(page.find("onerror") == page.npos);
}

TEST_CASE("unknown studies, no study and missing databases are refused by their own errors") {
  Folder folder;
  CHECK_THROWS_AS(html_report(folder.db(), {{"a"}, ""}), StoreError);
  {
    auto store = store::Store::open(folder.db(), store::Mode::write);
    example::add_empty(store, "here");
  }
  CHECK_THROWS_AS(html_report(folder.db(), {{"hera"}, ""}), NotFoundError);
  CHECK_THROWS_AS(html_report(folder.db(), {}), UsageError);
}
