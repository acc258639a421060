// What a Store holds, for the files of this folder that implement its methods.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/curve/codec.h"
#include "store/lock/lock.h"
#include "store/sqlite/connection.h"
#include "store/store.h"
#include "store/trial_row.h"

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

/// One metric of one trial.
struct MetricColumn {
  std::uint32_t id = 0;  // of the metric
  bool timing = false;
  Chunk chunk;
};

using sqlite::ReadScope;

struct Store::Impl {
  std::filesystem::path file;
  Mode mode = Mode::read;
  Options options;
  std::optional<WriterLock> lock;
  std::unique_ptr<sqlite::Connection> db;
  int depth = 0;
  bool spoiled = false;  // the open transaction: a nested call failed halfway
  Commits commits;
  std::string owner;                 // of leases: this process; empty: a reader
  std::string token;                 // of this writer, in meta 'writer'; empty: a reader
  std::vector<std::string> dropped;  // hashes whose file goes after the commit
  mutable std::map<StudyId, MetricTable> metric_cache;  // empty again after a rollback

  /// In one transaction, or nested in the one that is open. Nested, a failure before anything was changed leaves the rest good; one halfway
  /// spoils the whole, or (`alone`) is undone by itself: that copies each page that is touched again, too dear for every method.
  void write(const std::function<void()>& body, bool alone = false);
  void connect();
  void reconnect() noexcept;
  void limit_wal();
  void take_over();
  void check_token() const;

  const MetricTable& metrics(StudyId study) const;
  std::uint32_t metric_id(StudyId study, const std::string& name, bool timing);
  std::string place(StudyId study, int number) const;  // "[file] study 'x', trial 17"
  [[noreturn]] void damaged(StudyId study, int number, std::string_view what) const;

  TrialRecord read_trial(StudyId study, const sqlite::Cursor& row) const;
  std::optional<TrialRecord> find_trial(StudyId study, int number) const;
  TrialRecord need_trial(StudyId study, int number) const;
  /// Of a trial that must be there.
  State need_state(StudyId study, int number) const;
  void need_study(StudyId study) const;
  /// The row of a new trial, with what `row` says of its state and end, and its parameters; returns config_crc.
  std::uint32_t insert_trial(StudyId study, const NewTrial& trial, const FinishedRow& row);
  void insert_params(StudyId study, const NewTrial& trial);
  std::string config_text(StudyId study, const NewTrial& trial) const;
  std::optional<int> curve_crc(StudyId study, int number) const;
  std::vector<StepRow> hot_rows(StudyId study, int number) const;
  std::vector<StepRow> sealed_rows(StudyId study, int number) const;
  /// The columns of a trial's hot rows, and of its sealed chunks, in the order of their chunks.
  std::vector<MetricColumn> hot_columns(StudyId study, int number) const;
  std::vector<MetricColumn> sealed_columns(StudyId study, int number) const;
  /// Columns become chunks; the CRC over all of them.
  std::uint32_t seal(StudyId study, int number, const std::vector<MetricColumn>& columns);
  void write_metrics(StudyId study, int number, const TrialEnd& end,
                     const std::vector<MetricColumn>& columns);
  static void take_end(const TrialEnd& end, FinishedRow& row);
  /// All that a finished trial has beside its row in `trial`; fills in what the row's checksum needs.
  void write_end(StudyId study, const TrialEnd& end, const std::vector<MetricColumn>& columns,
                 FinishedRow& row);
  /// Accounts the wall time since the last step, where steps do not say their own.
  void end_stretch(StudyId study, int number);

  // blobs: up to inline_bytes in the row, else FILE.d/ab/HASH.ckpt
  std::filesystem::path blob_path(const std::string& hash) const;
  /// The file is durable when it returns (nothing to do for a small blob).
  void put_blob(std::span<const std::byte> bytes, const std::string& hash) const;
  std::vector<std::byte> get_blob(const sqlite::Cursor& row, int blob, const std::string& hash,
                                  std::int64_t size, std::uint32_t crc,
                                  const std::string& what) const;
  /// All but logs.
  void drop_artifacts(StudyId study, int number);
  void remove_dropped() noexcept;
  void remove_orphans() noexcept;
};

inline constexpr std::size_t inline_bytes = 1'000'000;

/// A study's row with parameters and objectives; throws StoreError where it is damaged.
StudyRecord read_study(const sqlite::Connection& db, StudyId id);
/// The sum over a study's row and lists as they are now, whatever study.crc says.
std::uint32_t study_crc(const sqlite::Connection& db, StudyId id);
/// params_N, metrics_N without metrics, and the view params_wide_N.
void create_wide_tables(const sqlite::Connection& db, StudyId id,
                        const std::vector<ParamRecord>& params);
/// The three columns of metric `k` in metrics_N.
void add_metric_columns(const sqlite::Connection& db, StudyId id, std::int64_t k);

/// table params_N and metrics_N of a study
std::string params_table(StudyId study);
std::string metrics_table(StudyId study);

}  // namespace vernier::store
