#include "reports/claims_index.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "core/error.h"
#include "core/json.h"
#include "reports/html/claims.h"
#include "tests/reports/example_claims.h"
#include "tests/reports/example_study.h"

using namespace vernier;
using namespace vernier::reports;

namespace {

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/vernier-index-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::filesystem::path db() const { return path_ / "r.db"; }

 private:
  std::filesystem::path path_;
};

/// The error of an index with this --page and --heading, of the studies "xor" and "a=b".
std::string refused(const std::vector<std::string>& pages,
                    const std::vector<std::string>& headings = {}) {
  Folder folder;
  {
    auto store = store::Store::open(folder.db(), store::Mode::write);
    example::add_claims(store);
    example::add_empty(store, "a=b");
  }
  try {
    claims_index(folder.db(), {{"xor", "a=b"}, pages, "", headings});
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("claims as JSON: counted by study, with pairs, verdict, mark and plot") {
  Folder folder;
  auto store = store::Store::open(folder.db(), store::Mode::write);
  std::vector<StudyData> studies;
  for (const auto& name : example::add_claims(store)) studies.push_back(load_study(store, name));
  const Json claims = claims_json(studies, {});
  REQUIRE(claims.size() == 14);
  CHECK(claims[1]["study"] == "optimizers");
  CHECK(claims[1]["index"] == 2);
  CHECK(claims[1]["margin"] == -0.005);
  CHECK(claims[0]["verdict"] == "supported");
  CHECK(claims[0]["pairs"].size() == 5);
  CHECK(claims[0]["pairs"][0]["label"] == "train.seed 1");
  CHECK(claims[0]["plot"]["kind"] == "curves");
  CHECK(claims[2]["verdict"] == "contradicted");
  CHECK(claims[3]["mark"] == "few seeds (3)");
  CHECK(claims[3]["plot"]["metric"] == "val_acc");
  CHECK(claims[4]["within"] == 0.005);
  CHECK(claims[7]["plot"]["arms"][0]["artifacts"].is_null());
  CHECK(claims[13]["n"] == 0);
  CHECK(claims[13]["why"].get<std::string>().find("gpu") != std::string::npos);
}

TEST_CASE("sixty claims with plots stay under 100 KB; nothing of a name is HTML") {
  Folder folder;
  {
    auto store = store::Store::open(folder.db(), store::Mode::write);
    example::add_many_claims(store, 60);
    example::add_all_hostile(store, "<b>all</b>\"'&");
  }
  const std::string page = claims_index(folder.db(), {{"many"}, {"many=many.html"}, "<i>T</i>"});
  MESSAGE("index of " << page.size() << " bytes");
  CHECK(page.size() <= 100000);
  CHECK(page.find("<title>&lt;i&gt;T&lt;/i&gt;</title>") != page.npos);
  CHECK(page.find("default-src 'none'; script-src 'sha256-") != page.npos);
  const std::string hostile =
      claims_index(folder.db(), {{"<b>all</b>\"'&"}, {"<b>all</b>\"'&=a b'\".html"}, ""});
  CHECK(hostile.find("hit()") == hostile.npos);
  CHECK(hostile.find("<title>Claims</title>") != hostile.npos);
}

TEST_CASE("no study named: all that claim something; none that does is an error") {
  Folder folder;
  {
    auto store = store::Store::open(folder.db(), store::Mode::write);
    example::add_empty(store, "empty");
  }
  CHECK_THROWS_AS(claims_index(folder.db(), {}), UsageError);
  CHECK_THROWS_AS(claims_index(folder.db(), {{"empty"}, {}, ""}), UsageError);
  CHECK_THROWS_AS(claims_index(folder.db(), {{"emtpy"}, {}, ""}), NotFoundError);
  {
    auto store = store::Store::open(folder.db(), store::Mode::write);
    example::add_many_claims(store, 2);
  }
  CHECK(claims_index(folder.db(), {{}, {"many=x/many.html"}, ""}).size() > 1000);
}

TEST_CASE("a page is a relative path to an .html file, of a study on the index, once") {
  CHECK(refused({"xor=../lectures/my page.html", "a=b=ab.html"}).empty());
  CHECK(refused({"xor"}) == "[report] --page xor: no '='; expected STUDY=FILE.html");
  CHECK(refused({"xxor=x.html"}) ==
        "[report] --page xxor=x.html: no study 'xxor' on the index; did you mean 'xor'?");
  CHECK(refused({"xor=a.html", "xor=b.html"}).find("names xor twice: a.html and b.html") !=
        std::string::npos);
  for (const auto& [file, why] : std::vector<std::pair<std::string, std::string>>{
           {"javascript:alert(1)//.html", "it has an empty part"},
           {"javascript:alert(1).html", "it holds ':'"},
           {"http://e.invalid/x.html", "it has an empty part"},
           {"//e.invalid/x.html", "it is absolute"},
           {"/etc/x.html", "it is absolute"},
           {"a\\b.html", "it holds '\\'"},
           {"a?x=.html", "it holds '?'"},
           {"a#.html", "it holds '#'"},
           {"a\tb.html", "it holds characters that cannot be printed"},
           {"\xFF.html", "it holds characters that cannot be printed"},
           {".html", "it does not end in .html"},
           {"a.htm", "it does not end in .html"},
           {"", "it does not end in .html"}}) {
    CAPTURE(file);
    const std::string error = refused({"xor=" + file});
    CHECK(error.find(why) != std::string::npos);
    CHECK(error.ends_with("expected a relative path such as lectures/width.html"));
  }
}

TEST_CASE("a heading is of a page of the index, has a text, and comes once") {
  const std::vector<std::string> pages{"xor=x.html"};
  CHECK(refused(pages, {"x.html=Linear models = lines"}).empty());
  CHECK(refused(pages, {"x.html"}) == "[report] --heading x.html; expected FILE.html=TEXT");
  CHECK(refused(pages, {"x.html="}).find("expected FILE.html=TEXT") != std::string::npos);
  CHECK(refused(pages, {"y.html=Y"}) ==
        "[report] --heading y.html=Y: y.html is no --page of a study");
  CHECK(refused(pages, {"x.html=X", "x.html=Y"}) ==
        "[report] --heading names x.html twice; expected one heading a page");
}
