#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "store/impl.h"
#include "store/open.h"
#include "store/verify.h"

namespace vernier::store {
namespace {

namespace fs = std::filesystem;

constexpr int most_attempts = 100;

fs::path beside(const fs::path& file, const char* ending) {
  fs::path path = file;
  path += ending;
  return path;
}

void sync(const fs::path& path) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd || (fsync(fd.get()) != 0 && errno != EINVAL))
    fail<StoreError>("[{}] fsync: {}", path.string(), std::strerror(errno));
}

std::set<std::string> files_of(const sqlite::Connection& db) {
  std::set<std::string> hashes;
  auto row = db.query(
      "SELECT hash FROM checkpoint WHERE blob IS NULL UNION SELECT hash FROM artifact WHERE blob "
      "IS "
      "NULL");
  while (row.next()) hashes.insert(row.text(0));
  return hashes;
}

/// Files of earlier attempts that no row names any more.
void remove_others(const fs::path& folder, const std::set<std::string>& needed) {
  if (!fs::is_directory(folder)) return;
  std::vector<fs::path> others;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && !needed.contains(entry.path().stem().string()))
      others.push_back(entry.path());
  for (const fs::path& path : others) fs::remove(path);
}

}  // namespace

void backup(const fs::path& file, const fs::path& to) {
  if (fs::exists(to) || fs::exists(beside(to, ".d")))
    fail<StoreError>("[{}] is there already; expected a new file", to.string());
  const fs::path partial = beside(to, ".partial");
  const auto remove_rows = [&] {
    std::error_code ignored;
    for (const char* ending : {"", "-wal", "-shm", "-journal"})
      fs::remove(beside(partial, ending), ignored);
  };
  const auto remove_partial = [&] {
    std::error_code ignored;
    remove_rows();
    fs::remove_all(beside(partial, ".d"), ignored);
  };
  try {
    remove_partial();
    // A writer may drop a blob between the copy of its row and the copy of its file: then the rows are copied again; files that
    // were copied stay, so that only what is new can be missed.
    for (int attempt = 1;; ++attempt) {
      remove_rows();
      std::optional<std::string> missing;
      const Store source = Store::open(file, Mode::read);
      sqlite::copy_database(*source.impl_->db, partial);
      Store::Impl copy;
      copy.file = partial;
      copy.db = std::make_unique<sqlite::Connection>(partial, sqlite::Access::write, 0);
      const auto needed = files_of(*copy.db);
      for (const std::string& hash : needed) {
        if (fs::exists(copy.blob_path(hash))) continue;
        std::vector<std::byte> bytes;
        try {
          bytes = read_file(source.impl_->blob_path(hash));
        } catch (const Error&) {
          missing = hash;
          break;
        }
        copy.put_blob(bytes, hash);
      }
      if (!missing) {
        remove_others(beside(partial, ".d"), needed);
        break;
      }
      if (attempt == most_attempts)
        fail<StoreError>("[{}] the blob {} is missing; `vernier verify` says more", file.string(),
                         *missing);
    }
    // What external programs keep is theirs to make consistent: it is copied as it is.
    const fs::path trials = beside(file, ".d") / "trials";
    if (fs::is_directory(trials)) {
      fs::create_directories(beside(partial, ".d"));
      fs::copy(trials, beside(partial, ".d") / "trials",
               fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    }
    sync(partial);
    if (fs::exists(beside(partial, ".d"))) fs::rename(beside(partial, ".d"), beside(to, ".d"));
    fs::rename(partial, to);
    sync(fs::absolute(to).parent_path());
  } catch (const fs::filesystem_error& error) {
    remove_partial();
    fail<StoreError>("[{}] cannot be copied to {}: {}", file.string(), to.string(), error.what());
  } catch (...) {
    remove_partial();
    throw;
  }
}

}  // namespace vernier::store
