#include "engine/data/source.h"

#include <vector>

#include "core/error.h"
#include "core/text.h"

namespace vernier::engine {

#define VERNIER_SOURCE(name) Source name##_source();
#include "engine/data/sources/sources.def"
#undef VERNIER_SOURCE

int RawData::features() const {
  int product = 1;
  for (const int size : shape) product *= size;
  return product;
}

std::span<const Source> sources() {
  static const std::vector<Source> table{
#define VERNIER_SOURCE(name) name##_source(),
#include "engine/data/sources/sources.def"
#undef VERNIER_SOURCE
  };
  return table;
}

std::span<const DatasetInfo> datasets() {
  static const std::vector<DatasetInfo> table = [] {
    std::vector<DatasetInfo> infos;
    for (const Source& source : sources()) infos.push_back(source.info);
    return infos;
  }();
  return table;
}

const Source& find_source(const std::string& name) {
  std::vector<std::string> names;
  for (const Source& source : sources()) {
    if (source.info.name == name) return source;
    names.push_back(source.info.name);
  }
  fail<UsageError>("[data.set] unknown data set '{}'{}", printable(name), hint(name, names));
}

std::filesystem::path find_file(const DataSettings& settings, const std::string& folder,
                                Folders folders, std::span<const std::string> names) {
  std::vector<std::filesystem::path> places;
  if (!settings.dir.empty()) places.emplace_back(settings.dir);
  for (const std::filesystem::path& base : folders) places.push_back(base / folder);
  std::vector<std::string> sought;
  for (const std::filesystem::path& place : places) {
    for (const std::string& name : names) {
      std::error_code ignored;
      if (std::filesystem::exists(place / name, ignored)) return place / name;
    }
    sought.push_back(place.string());
  }
  fail<UsageError>(
      "[data.set] {}: no file {} in {}; expected it there (data.dir, or a folder of VERNIER_DATA)",
      settings.set, join(names, " or "),
      sought.empty() ? "any folder: none is given" : join(sought, ", "));
}

}  // namespace vernier::engine
