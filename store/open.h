// Opening a database file: what is refused, and how a connection is set up.
#pragma once
#include <filesystem>
#include <memory>

#include "store/sqlite/connection.h"

namespace vernier::store {

/// Looks at the file without SQLite, and changes nothing: missing, directory, not a database, another program's (by its
/// header), truncated, on a network. Throws StoreError. `may_be_new`: a missing or empty file is well.
void inspect(const std::filesystem::path& file, bool may_be_new, bool force_network_fs);

/// A read-only connection to a checked Vernier database; works beside a writer, without -wal and -shm, and in a folder
/// that cannot be written (there only when nobody writes and no log waits: the file is then taken as it is).
/// `cache_kib`: pages that it keeps; a scan is fastest where they stay in the processor's cache.
std::unique_ptr<sqlite::Connection> connect_reader(const std::filesystem::path& file, int busy_ms,
                                                   int cache_kib = 65536);

/// A connection for the holder of the lock: schema made or migrated, WAL, FULL.
std::unique_ptr<sqlite::Connection> connect_writer(const std::filesystem::path& file, bool create,
                                                   int busy_ms);

}  // namespace vernier::store
