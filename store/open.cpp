#include "store/open.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "store/lock/file_system.h"
#include "store/lock/lock.h"
#include "store/schema/schema.h"

namespace vernier::store {
namespace {

namespace fs = std::filesystem;

fs::path beside(const fs::path& file, const char* ending) {
  fs::path path = file;
  path += ending;
  return path;
}

bool has_content(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return !error && size > 0;
}

std::uint32_t big_endian(const unsigned char* bytes, int size) {
  std::uint32_t value = 0;
  for (int i = 0; i < size; ++i) value = value << 8 | bytes[i];
  return value;
}

// https://www.sqlite.org/fileformat.html, section 1.3.
void inspect_header(const fs::path& file, std::uintmax_t size) {
  unsigned char header[100] = {};
  std::ifstream in(file, std::ios::binary);
  if (!in) fail<StoreError>("[{}] cannot be read: {}", file.string(), std::strerror(errno));
  in.read(reinterpret_cast<char*>(header), sizeof header);
  const auto got = static_cast<std::size_t>(in.gcount());
  if (got < 16 || std::memcmp(header, "SQLite format 3", 16) != 0) {
    fail<StoreError>("[{}] not a database: it begins with '{}'; expected a Vernier database",
                     file.string(),
                     printable(std::string(reinterpret_cast<const char*>(header),
                                           std::min<std::size_t>(got, 16))));
  }
  if (got < sizeof header) {
    fail<StoreError>("[{}] truncated: {} bytes are less than a database's header", file.string(),
                     size);
  }
  const auto mark = big_endian(header + 68, 4);
  if (mark != 0 && mark != static_cast<std::uint32_t>(application_id)) {
    fail<StoreError>(
        "[{}] a database of another program (application id {:#x}); expected a Vernier database "
        "({:#x})",
        file.string(), mark, application_id);
  }
  const std::uint32_t stored_page = big_endian(header + 16, 2);
  const std::uint64_t page = stored_page == 1 ? 65536 : stored_page;
  const std::uint64_t pages = big_endian(header + 28, 4);
  const bool count_valid = big_endian(header + 24, 4) == big_endian(header + 92, 4);
  // While a log waits, the file itself may lag behind its own header.
  if (count_valid && pages * page > size && !has_content(beside(file, "-wal"))) {
    fail<StoreError>("[{}] truncated: {} bytes of {}", file.string(), size, pages * page);
  }
}

void set_up(sqlite::Connection& db) {
  db.execute("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY");
}

void sync_folder(const fs::path& file) {
  const auto folder = fs::absolute(file).parent_path();
  const Fd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd) fsync(fd.get());
}

}  // namespace

void inspect(const fs::path& file, bool may_be_new, bool force_network_fs) {
  std::error_code error;
  const auto status = fs::status(file, error);
  if (status.type() == fs::file_type::not_found) {
    if (!may_be_new) fail<StoreError>("[{}] no such database", file.string());
    const auto folder = fs::absolute(file).parent_path();
    if (!fs::is_directory(folder, error)) {
      fail<StoreError>("[{}] no such folder: {}", file.string(), folder.string());
    }
  } else if (error && !fs::exists(status)) {
    fail<StoreError>("[{}] cannot be looked at: {}", file.string(), error.message());
  } else if (status.type() == fs::file_type::directory) {
    fail<StoreError>("[{}] is a directory; expected a database file", file.string());
  } else if (status.type() != fs::file_type::regular) {
    fail<StoreError>("[{}] is no regular file; expected a database file", file.string());
  } else {
    const auto size = fs::file_size(file, error);
    if (error) fail<StoreError>("[{}] cannot be looked at: {}", file.string(), error.message());
    if (size > 0) {
      inspect_header(file, size);
    } else if (!may_be_new && !has_content(beside(file, "-wal"))) {
      fail<StoreError>("[{}] an empty file, not a database", file.string());
    }
  }
  if (force_network_fs) return;
  if (const auto network = network_file_system(file)) {
    fail<StoreError>(
        "[{}] lies on a network file system ({}), where locks of a database are not safe; use a "
        "local disk",
        file.string(), *network);
  }
}

std::unique_ptr<sqlite::Connection> connect_reader(const fs::path& file, int busy_ms,
                                                   int cache_kib) {
  auto access_mode = sqlite::Access::read;
  const auto folder = fs::absolute(file).parent_path();
  const bool can_share =
      access(folder.c_str(), W_OK) == 0 || access(beside(file, "-shm").c_str(), R_OK) == 0;
  if (!can_share) {
    // Without shared memory SQLite can only take the file as it is, which must then be whole and at rest.
    if (has_content(beside(file, "-wal"))) {
      fail<StoreError>(
          "[{}] its latest changes wait in {}, which cannot be read in a read-only folder; copy "
          "both files",
          file.string(), beside(file, "-wal").string());
    }
    if (is_locked(file)) {
      fail<StoreError>(
          "[{}] is being written, and its folder is read-only here; copy it or ask for write "
          "access",
          file.string());
    }
    access_mode = sqlite::Access::immutable;
  }
  auto db = std::make_unique<sqlite::Connection>(file, access_mode, busy_ms);
  set_up(*db);
  db->execute(fmt::format(
      "PRAGMA wal_autocheckpoint = 0; PRAGMA query_only = ON; PRAGMA cache_size = -{}", cache_kib));
  const sqlite::ReadScope scope(*db);
  const int newest = static_cast<int>(migrations().size());
  if (identify(*db, newest) == Identity::empty) {
    fail<StoreError>("[{}] an empty database without studies or schema", file.string());
  }
  if (version_of(*db) < newest) {
    fail<StoreError>(
        "[{}] has schema version {}, this program reads {}; any command that writes (for example "
        "note) upgrades it",
        file.string(), version_of(*db), newest);
  }
  return db;
}

std::unique_ptr<sqlite::Connection> connect_writer(const fs::path& file, bool create, int busy_ms) {
  auto db = std::make_unique<sqlite::Connection>(
      file, create ? sqlite::Access::create : sqlite::Access::write, busy_ms);
  set_up(*db);
  const auto steps = migrations();
  const bool fresh = identify(*db, static_cast<int>(steps.size())) == Identity::empty;
  if (fresh && !create)
    fail<StoreError>("[{}] an empty database without studies or schema", file.string());
  std::string mode;
  {
    auto row = db->query("PRAGMA journal_mode = WAL");
    if (row.next()) mode = row.text(0);
  }
  if (mode != "wal")
    fail<StoreError>("[{}] this file system has no shared memory for a write-ahead log",
                     file.string());
  // Large transactions stay in memory; pages that many commits touch go to the file once in 16 MB of log.
  db->execute(
      "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = "
      "-65536; "
      "PRAGMA wal_autocheckpoint = 4096");
  migrate(*db, steps);
  if (fresh) sync_folder(file);
  return db;
}

}  // namespace vernier::store
