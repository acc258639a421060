#include "store/schema/schema.h"

#include <filesystem>

#include "core/error.h"
#include "store/trial_row.h"

namespace vernier::store {
namespace {

std::int64_t pragma(const sqlite::Connection& db, std::string_view name) {
  auto row = db.query(fmt::format("PRAGMA {}", name));
  return row.next() ? row.integer(0) : 0;
}

std::string written_by(const sqlite::Connection& db) {
  try {
    auto row = db.query("SELECT value FROM meta WHERE key = 'written_by'");
    if (row.next()) return row.text(0);
  } catch (const StoreError&) {  // a later version may keep it elsewhere
  }
  return "an unknown version";
}

void back_up(sqlite::Connection& db, int version) {
  std::filesystem::path copy = db.file();
  copy += fmt::format(".v{}.bak", version);
  std::filesystem::remove(copy);
  db.run("VACUUM INTO ?", copy.string());
}

/// Version 2: finished trials get the sum over their other rows. One whose own sum is wrong stays as it is.
void add_rows_sums(sqlite::Connection& db) {
  struct Sums {
    std::int64_t study, number;
    std::uint32_t rows;
  };
  std::vector<Sums> sums;
  const std::string finished =
      fmt::format("{} WHERE t.study = ? AND t.crc IS NOT NULL ORDER BY t.number", select_trial);
  auto studies = db.query("SELECT id FROM study");
  while (studies.next()) {
    auto row = db.query(finished, studies.integer(0));
    TrialRecord trial;
    while (row.next()) {
      if (decode_trial(row, trial) != RowDamage::none) continue;
      sums.push_back(
          {studies.integer(0), trial.number, rows_crc(db, studies.integer(0), trial.number)});
    }
  }
  for (const Sums& each : sums) {
    db.run("UPDATE trial SET rows_crc = ? WHERE study = ? AND number = ?", each.rows, each.study,
           each.number);
    std::uint32_t crc = 0;
    {
      auto row = db.query(fmt::format("{} WHERE t.study = ? AND t.number = ?", select_trial),
                          each.study, each.number);
      row.next();
      crc = finished_crc(row);
    }
    db.run("UPDATE trial SET crc = ? WHERE study = ? AND number = ?", crc, each.study, each.number);
  }
}

}  // namespace

int version_of(const sqlite::Connection& db) {
  return static_cast<int>(pragma(db, "user_version"));
}

Identity identify(const sqlite::Connection& db, int newest) {
  const auto id = pragma(db, "application_id");
  const auto tables = [&] {
    auto row = db.query("SELECT count(*) FROM sqlite_schema");
    row.next();
    return row.integer(0);
  }();
  if (id == 0 && tables == 0 && version_of(db) == 0) return Identity::empty;
  if (id != application_id) {
    fail<StoreError>(
        "[{}] a database of another program (application id {:#x}, {} tables and indices); "
        "expected "
        "a Vernier database ({:#x})",
        db.file().string(), id, tables, application_id);
  }
  if (version_of(db) > newest) {
    fail<StoreError>(
        "[{}] written by vernier {} with schema version {}; this is vernier {}, which knows "
        "versions up to {}: use the newer program",
        db.file().string(), written_by(db), version_of(db), VERNIER_VERSION, newest);
  }
  if (version_of(db) < 1 || tables == 0) db.damaged("it has our mark but no schema");
  return Identity::ours;
}

void migrate(sqlite::Connection& db, std::span<const Migration> steps) {
  const int from = version_of(db);
  if (from == static_cast<int>(steps.size())) return;
  if (from > 0) back_up(db, from);
  for (int version = from; version < static_cast<int>(steps.size()); ++version) {
    const Migration& step = steps[static_cast<std::size_t>(version)];
    db.execute("BEGIN IMMEDIATE");
    try {
      db.execute(step.sql);
      if (std::string_view(step.name) == "002_integrity") add_rows_sums(db);
      db.execute(fmt::format("PRAGMA application_id = {}", application_id));
      db.execute(fmt::format("PRAGMA user_version = {}", version + 1));
      db.run("INSERT OR REPLACE INTO meta VALUES ('written_by', ?)", VERNIER_VERSION);
      if (version == 0) db.run("INSERT INTO meta VALUES ('made_by', ?)", VERNIER_VERSION);
      db.execute("COMMIT");
    } catch (const StoreError& error) {
      db.roll_back();
      fail<StoreError>("[{}] migration {} failed, nothing was changed: {}", db.file().string(),
                       step.name, error.what());
    }
  }
}

}  // namespace vernier::store
