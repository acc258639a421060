// Fetches a data set's files with the programs curl, md5sum and tar.
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engine/data/downloads.h"

namespace vernier::cli {

struct Fetched {
  std::string name;
  bool there_already = false;
};

/// Puts the files of `download` into `folder`, from `url` (ends with a slash). A file whose checksum is right stays; another one is downloaded
/// beside it, checked, and only then put in its place. `tell` is called before each download. Throws UsageError for a download that fails or has
/// another checksum, naming both; nothing of it is left.
std::vector<Fetched> fetch(const engine::Download& download, const std::string& url,
                           const std::filesystem::path& folder,
                           const std::function<void(const std::string&)>& tell);

}  // namespace vernier::cli
