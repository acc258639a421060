// Whether a database holds what was written: structure, checksums, files. And what can be saved of one that does not.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace vernier::store {

struct Finding {
  std::string where;  // "mnist#7", "mnist", or empty: the file
  std::string what;   // "the checksum of its curve 'val_acc' differs"
};

struct VerifyReport {
  std::int64_t studies = 0, trials = 0, finished = 0, chunks = 0, hot_rows = 0, checkpoints = 0,
               artifacts = 0;
  std::int64_t unsummed = 0;  // finished trials without a sum over params_N and metrics_N
  std::vector<Finding> findings;
};

/// Reads everything once: SQLite's own check, every checksum, blobs and their files, rows that belong to nothing. Damage is a
/// finding; a file that cannot be opened at all is a StoreError.
VerifyReport verify(const std::filesystem::path& file);

struct RecoverReport {
  std::int64_t studies = 0, trials = 0;
  std::vector<Finding> lost;  // or restored in part: it says which
};

/// Writes what can be read into a new file, which then passes verify(). A trial whose configuration is whole but whose result is not
/// waits again, so that the next run trains it again; one whose configuration is damaged is left out. `file` is not changed, and
/// must not be written meanwhile. Throws StoreError where `to` exists or nothing can be read.
RecoverReport recover(const std::filesystem::path& file, const std::filesystem::path& to);

/// A consistent copy beside a running writer: the database and its folder of blobs. Throws StoreError where `to` exists.
void backup(const std::filesystem::path& file, const std::filesystem::path& to);

}  // namespace vernier::store
