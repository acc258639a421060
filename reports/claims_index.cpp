#include "reports/claims_index.h"

#include <algorithm>
#include <map>

#include "core/clock.h"
#include "core/error.h"
#include "core/text.h"
#include "reports/html/claims.h"
#include "reports/html/page.h"
#include "reports/html/payload.h"

namespace vernier::reports {

namespace {

constexpr std::size_t kPictureBytes = 96'000;

/// A link must stay beside the index and be a file: no scheme, no host, no query.
void check_file(const std::string& study, const std::string& file) {
  const auto refuse = [&](const std::string& why) {
    fail<UsageError>("[report] --page {}={}: {}; expected a relative path such as {}.html",
                     printable(study), printable(file), why, "lectures/width");
  };
  if (!file.ends_with(".html") || file.size() == 5) refuse("it does not end in .html");
  if (file.starts_with('/')) refuse("it is absolute");
  if (file.find("//") != file.npos) refuse("it has an empty part");
  for (const char c : {':', '\\', '?', '#'})
    if (file.find(c) != file.npos) refuse(fmt::format("it holds '{}'", c));
  if (printable(file) != file) refuse("it holds characters that cannot be printed");
}

/// "STUDY=FILE.html". A name may hold '=' itself: the longest that fits is meant.
std::pair<std::string, std::string> split_page(const std::string& text,
                                               const std::vector<std::string>& studies) {
  const std::string* found = nullptr;
  for (const std::string& study : studies)
    if (text.starts_with(study + "=") && (!found || study.size() > found->size())) found = &study;
  if (found) return {*found, text.substr(found->size() + 1)};
  const auto end = text.find('=');
  if (end == text.npos)
    fail<UsageError>("[report] --page {}: no '='; expected STUDY=FILE.html", printable(text));
  const std::string study = text.substr(0, end);
  fail<UsageError>("[report] --page {}: no study '{}' on the index{}", printable(text),
                   printable(study), hint(study, studies));
}

std::map<std::string, std::string> pages_of(const std::vector<std::string>& texts,
                                            const std::vector<std::string>& studies) {
  std::map<std::string, std::string> pages;
  for (const std::string& text : texts) {
    const auto [study, file] = split_page(text, studies);
    check_file(study, file);
    if (!pages.emplace(study, file).second)
      fail<UsageError>("[report] --page names {} twice: {} and {}; expected one page a study",
                       study, pages[study], file);
  }
  return pages;
}

/// By file.
std::map<std::string, std::string> headings_of(const std::vector<std::string>& texts,
                                               const std::map<std::string, std::string>& pages) {
  std::map<std::string, std::string> headings;
  for (const std::string& text : texts) {
    const auto end = text.find(".html=");
    if (end == text.npos || end + 6 == text.size())
      fail<UsageError>("[report] --heading {}; expected FILE.html=TEXT", printable(text));
    const std::string file = text.substr(0, end + 5);
    const bool known = std::any_of(pages.begin(), pages.end(),
                                   [&](const auto& page) { return page.second == file; });
    if (!known)
      fail<UsageError>("[report] --heading {}: {} is no --page of a study", printable(text),
                       printable(file));
    if (!headings.emplace(file, text.substr(end + 6)).second)
      fail<UsageError>("[report] --heading names {} twice; expected one heading a page", file);
  }
  return headings;
}

/// Studies of one page in the order given; pages in the order of their first study.
std::vector<std::vector<std::string>> by_page(const std::vector<std::string>& studies,
                                              const std::map<std::string, std::string>& pages) {
  std::vector<std::vector<std::string>> groups;
  std::map<std::string, std::size_t> at;
  for (const std::string& study : studies) {
    const auto page = pages.find(study);
    const auto [place, fresh] =
        at.try_emplace(page == pages.end() ? "" : page->second, groups.size());
    if (fresh) groups.emplace_back();
    groups[place->second].push_back(study);
  }
  return groups;
}

}  // namespace

std::string claims_index(const std::filesystem::path& db, const ClaimsIndexOptions& options) {
  const auto store = store::Store::open(db, store::Mode::read);
  const auto names = options.studies.empty() ? studies_for_claims(store) : options.studies;
  const auto pages = pages_of(options.pages, names);
  Payload payload;
  payload.json = {{"format", 1},
                  {"title", options.title.empty() ? "Claims" : options.title},
                  {"created", SystemClock().wall()},
                  {"code_version", ""},
                  {"headings", headings_of(options.headings, pages)},
                  {"claims", Json::array()}};
  for (const auto& group : by_page(names, pages)) {
    std::vector<StudyData> studies;
    for (const std::string& name : group) studies.push_back(load_study(store, name));
    payload.json["code_version"] = studies.front().study.code_version;
    ClaimsJsonOptions small{true, kPictureBytes, [&](const StudyData& data, int number) {
                              return store.artifacts(data.study.id, number);
                            }};
    for (Json& claim : claims_json(studies, small)) {
      const auto page = pages.find(claim["study"].get<std::string>());
      if (page != pages.end()) claim["page"] = page->second;
      payload.json["claims"].push_back(std::move(claim));
    }
  }
  if (payload.json["claims"].empty()) {
    fail<UsageError>("[report] --claims: {} claims anything; expected a study file with claim:",
                     names.empty() ? "no study of the database" : join(names, ", ") + ": none");
  }
  const std::string title = payload.json["title"];
  return fill_page(index_template(), title, pack(payload));
}

}  // namespace vernier::reports
