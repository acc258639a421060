#pragma once
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

/// A database in memory where the machine has such a file system: durability is tested in tests/store.
class Folder {
 public:
  Folder() {
    const bool usable = access("/dev/shm", W_OK) == 0;
    std::string name = std::string(usable ? "/dev/shm" : "/tmp") + "/vernier-lib-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string db() const { return (path_ / "v.db").string(); }

 private:
  std::filesystem::path path_;
};
