// Where the files of a data set can be had, and what they must be.
#pragma once
#include <span>
#include <string>
#include <vector>

namespace vernier::engine {

struct DownloadFile {
  std::string name;
  std::string
      md5;  // as its publisher names it: of the file, or of what a .gz holds where `inflated`
  bool inflated = false;
};

struct Download {
  std::string set;  // a name of datasets(), and the folder below a data folder
  std::string url;  // ends with a slash; a file's name follows
  std::vector<DownloadFile> files;
  std::vector<std::string>
      unpacked;  // what the one archive (.tar.gz, one folder deep) holds; empty: files as they are
};

/// Every set that can be had.
std::span<const Download> downloads();
/// Throws UsageError naming the nearest, and those there are.
const Download& find_download(const std::string& set);

}  // namespace vernier::engine
