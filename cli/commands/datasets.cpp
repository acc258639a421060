#include <fmt/ostream.h>

#include <algorithm>
#include <ostream>

#include "cli/download.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/terminal/table.h"
#include "core/error.h"
#include "core/text.h"
#include "engine/engine.h"

namespace vernier::cli {
namespace {

bool can_be_had(const std::string& set) {
  const auto all = engine::downloads();
  return std::any_of(all.begin(), all.end(), [&](const auto& d) { return d.set == set; });
}

int list_sets(const Invocation& invocation, bool json) {
  Json list = Json::array();
  store::Table table{{"data set", "source", "get", "what"}, {}};
  for (const engine::DatasetInfo& set : engine::datasets()) {
    const bool get = can_be_had(set.name);
    list.push_back(
        {{"name", set.name}, {"summary", set.summary}, {"source", set.source}, {"get", get}});
    table.rows.push_back({set.name, set.source, get ? "yes" : "", set.summary});
  }
  if (json) {
    fmt::print(invocation.out, "{}\n", Json{{"datasets", list}}.dump());
  } else {
    print_table(invocation.out, table, terminal_of(1));
  }
  return 0;
}

int get(const Invocation& invocation, const Options& options, const std::string& name) {
  const engine::Download& download = engine::find_download(name);
  std::string url = options.text("from", download.url);
  if (!url.ends_with('/')) url += '/';
  const auto dirs = data_dirs();
  if (!options.has("dir") && dirs.empty())
    fail<UsageError>("[datasets get] no HOME to put data into; expected --dir FOLDER");
  const std::filesystem::path base =
      options.has("dir") ? std::filesystem::path(*options.text("dir")) : dirs.back();
  const std::filesystem::path folder = base / name;
  const auto fetched = fetch(download, url, folder, [&](const std::string& what) {
    fmt::print(invocation.err, "downloading {}\n", what);
    invocation.err.flush();
  });
  Json files = Json::array();
  for (const Fetched& file : fetched) {
    files.push_back({{"name", file.name}, {"downloaded", !file.there_already}});
    if (!options.has("json"))
      fmt::print(invocation.out, "{}: {}\n", file.name,
                 file.there_already ? "there already" : "downloaded, checksum as published");
  }
  if (options.has("json"))
    fmt::print(invocation.out, "{}\n",
               Json{{"name", name}, {"folder", folder.string()}, {"files", files}}.dump());
  return 0;
}

}  // namespace

int datasets(const Invocation& invocation) {
  Options options("datasets [get NAME] [options]",
                  "The data sets: built in, or read from files under $VERNIER_DATA. get NAME "
                  "downloads one and checks it.");
  options.argument("get", 0, 1).argument("NAME", 0, 1);
  options.value("dir", "FOLDER", "where to put it, in a folder NAME (~/.local/share/vernier)");
  options.value("from", "URL", "a mirror: the files below it");
  if (!options.json().parse(invocation)) return 0;
  const auto what = options.text("get"), name = options.text("NAME");
  if (!what) {
    for (const char* option : {"dir", "from"})
      if (options.has(option)) fail<UsageError>("[--{}] expected only with get NAME", option);
    return list_sets(invocation, options.has("json"));
  }
  if (*what != "get")
    fail<UsageError>("[datasets] '{}'; expected nothing, or get NAME", printable(*what));
  if (!name) fail<UsageError>("[datasets get] no name; expected that of a data set");
  return get(invocation, options, *name);
}

}  // namespace vernier::cli
