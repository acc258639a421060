// What a Store holds, for the files of this folder that implement its methods.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/lock/lock.h"
#include "store/sqlite/connection.h"
#include "store/store.h"

namespace vernier::store {

/// The metrics of a study: id = position, as in table metric.
struct MetricTable {
  struct Metric {
    std::string name;
    bool timing = false;
    bool maximize = false;
    bool wide = false;  // has columns in metrics_N
  };
  std::vector<Metric> metrics;
  std::map<std::pair<std::string, bool>, std::uint32_t> ids;  // (name, timing)
};

/// A read transaction, where none is open: several queries see one state of the file.
class ReadScope {
 public:
  explicit ReadScope(const sqlite::Connection& db) : db_(db), own_(!db.in_transaction()) {
    if (own_) db_.run("BEGIN");
  }
  ReadScope(const ReadScope&) = delete;
  ~ReadScope() {
    if (own_) const_cast<sqlite::Connection&>(db_).roll_back();
  }

 private:
  const sqlite::Connection& db_;
  bool own_;
};

struct Store::Impl {
  std::filesystem::path file;
  Mode mode = Mode::read;
  Options options;
  std::optional<WriterLock> lock;
  std::unique_ptr<sqlite::Connection> db;
  int depth = 0;
  int commits = 0;
  std::vector<std::string> dropped;                     // hashes whose file goes after the commit
  mutable std::map<StudyId, MetricTable> metric_cache;  // empty again after a rollback

  /// In one transaction, or nested in the one that is open.
  void write(const std::function<void()>& body);
  void connect();
  void reconnect() noexcept;
  void limit_wal();

  const MetricTable& metrics(StudyId study) const;
  std::uint32_t metric_id(StudyId study, const std::string& name, bool timing);
  std::string place(StudyId study, int number) const;  // "[file] study 'x', trial 17"
  [[noreturn]] void damaged(StudyId study, int number, std::string_view what) const;

  TrialRecord read_trial(StudyId study, const sqlite::Cursor& row) const;
  std::optional<TrialRecord> find_trial(StudyId study, int number) const;
  TrialRecord need_trial(StudyId study, int number) const;
  void need_study(StudyId study) const;
  std::optional<int> curve_crc(StudyId study, int number) const;
  std::vector<StepRow> hot_rows(StudyId study, int number) const;
  std::vector<StepRow> sealed_rows(StudyId study, int number) const;
  /// Hot rows become chunks; the CRC over all of them.
  std::uint32_t seal(StudyId study, int number, const std::vector<StepRow>& rows);
  void write_metrics(StudyId study, int number, const TrialEnd& end,
                     const std::vector<StepRow>& rows);
  void account(StudyId study, int number, std::optional<double> seconds, bool stretch_ends);

  // blobs: up to inline_bytes in the row, else FILE.d/ab/HASH.ckpt
  std::filesystem::path blob_path(const std::string& hash) const;
  /// The file is durable when it returns (nothing to do for a small blob).
  void put_blob(std::span<const std::byte> bytes, const std::string& hash) const;
  std::vector<std::byte> get_blob(const sqlite::Cursor& row, int blob, const std::string& hash,
                                  std::int64_t size, std::uint32_t crc,
                                  const std::string& what) const;
  void remove_dropped() noexcept;
  void remove_orphans() noexcept;
};

inline constexpr std::size_t inline_bytes = 1'000'000;

/// table params_N and metrics_N of a study
std::string params_table(StudyId study);
std::string metrics_table(StudyId study);

}  // namespace vernier::store
