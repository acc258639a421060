// One writer per database: an open-file-description lock on FILE.lock, which dies with the process that holds it.
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "core/file.h"

namespace vernier::store {

struct Holder {
  std::string host;
  int pid = 0;
  double since = 0;  // wall
};

class WriterLock {
 public:
  /// Throws StoreError naming host, pid and since when, where another writer holds it.
  explicit WriterLock(const std::filesystem::path& database);

 private:
  Fd fd_;
};

std::filesystem::path lock_path(const std::filesystem::path& database);
/// Whether somebody holds the lock now.
bool is_locked(const std::filesystem::path& database);
/// boot id : pid : start time of this process; tells a live owner from a dead one on the same machine.
std::string lease_owner();

}  // namespace vernier::store
