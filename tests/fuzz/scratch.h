// Files of one process, in memory where the machine has such a place.
#pragma once
#include <unistd.h>

#include <filesystem>
#include <string>

namespace vernier::fuzz {

class Scratch {
 public:
  Scratch() {
    namespace fs = std::filesystem;
    std::string pattern =
        ((fs::is_directory("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path()) /
         "vernier-fuzz-XXXXXX")
            .string();
    if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  Scratch(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace vernier::fuzz
