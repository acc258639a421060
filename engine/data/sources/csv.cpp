#include <array>

#include "core/error.h"
#include "core/file.h"
#include "engine/data/csv_columns.h"
#include "engine/data/source.h"

namespace vernier::engine {
namespace {

RawData load(const DataSettings& settings, Folders folders) {
  if (settings.file.empty())
    fail<UsageError>("[data.file] missing; expected the name of a CSV file with a header line");
  const std::array<std::string, 1> names{settings.file};
  const std::filesystem::path path = find_file(settings, "tables", folders, names);
  return csv_columns(parse_csv(read_text(path), path.string()), settings.target, path.string());
}

}  // namespace

Source csv_source() {
  return {{"csv", "a table with a header line: numbers and texts, one column is the target",
           "the file named by data.file"},
          Source::Kind::table,
          load};
}

}  // namespace vernier::engine
