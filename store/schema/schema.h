// The numbered migrations, and what a file must look like to be ours.
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "store/sqlite/connection.h"

namespace vernier::store {

/// "Vrnr": PRAGMA application_id of every Vernier database.
inline constexpr std::int32_t application_id = 0x56726E72;

struct Migration {
  const char* name;  // "001_initial"
  const char* sql;
};

/// store/schema/NNN_name.sql in order; the version of a file is how many of them it has.
std::span<const Migration> migrations();

enum class Identity { empty, ours };
/// Throws StoreError for another program's database and for a newer version, naming the version that wrote it.
Identity identify(const sqlite::Connection& db, int newest);
int version_of(const sqlite::Connection& db);

/// Brings the file to the last of `steps`, each in one transaction. A file that had a version before is copied to
/// FILE.v<N>.bak first.
void migrate(sqlite::Connection& db, std::span<const Migration> steps);

}  // namespace vernier::store
