// What can be read of a damaged database, into a new one.
#include <algorithm>
#include <cstring>
#include <fstream>
#include <set>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "store/checksum.h"
#include "store/curve/codec.h"
#include "store/impl.h"
#include "store/open.h"
#include "store/schema/schema.h"
#include "store/trial_row.h"
#include "store/verify.h"

namespace vernier::store {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t most_numbers = 100'000'000;

fs::path beside(const fs::path& file, const char* ending) {
  fs::path path = file;
  path += ending;
  return path;
}

/// A working copy whose first bytes say what SQLite wants to see (fileformat.html, 1.3): everything else is as it was.
class Copy {
 public:
  Copy(const fs::path& file, const fs::path& place) : place_(place) {
    remove();
    fs::copy_file(file, place_);
    const fs::path log = beside(file, "-wal");
    if (fs::exists(log)) fs::copy_file(log, beside(place_, "-wal"));
    mend();
  }
  Copy(const Copy&) = delete;
  ~Copy() { remove(); }

 private:
  void remove() {
    std::error_code ignored;
    for (const char* ending : {"", "-wal", "-shm"}) fs::remove(beside(place_, ending), ignored);
  }

  void mend() {
    std::fstream io(place_, std::ios::binary | std::ios::in | std::ios::out);
    unsigned char head[100] = {};
    io.read(reinterpret_cast<char*>(head), sizeof head);
    if (io.gcount() < static_cast<std::streamsize>(sizeof head)) return;
    const int size = head[16] << 8 | head[17];
    const bool plausible = size == 1 || (size >= 512 && (size & (size - 1)) == 0);
    static constexpr unsigned char fixed[] = {64, 32, 32};  // payload fractions
    const bool whole = std::memcmp(head, "SQLite format 3", 16) == 0 && plausible &&
                       std::memcmp(head + 21, fixed, 3) == 0;
    if (whole) return;
    std::memcpy(head, "SQLite format 3", 16);
    if (!plausible) {  // what SQLite makes, and all that we have made
      head[16] = 0x10;
      head[17] = 0;
    }
    head[18] = head[19] = 2;
    head[20] = 0;
    std::memcpy(head + 21, fixed, 3);
    io.clear();
    io.seekp(0);
    io.write(reinterpret_cast<const char*>(head), sizeof head);
  }

  fs::path place_;
};

/// The columns of the newest version, in the copy of an older file. An index would have to be made over pages that may be damaged, and a copy needs none.
void bring_up(sqlite::Connection& db) {
  const auto steps = migrations();
  const int version = version_of(db);
  if (version > static_cast<int>(steps.size())) (void)identify(db, static_cast<int>(steps.size()));
  for (int next = std::max(version, 1); next < static_cast<int>(steps.size()); ++next) {
    const Migration& step = steps[static_cast<std::size_t>(next)];
    if (std::string_view(step.name) != "003_scan") db.execute(step.sql);
  }
}

std::string reason(const std::exception& error) {
  const std::string text = error.what();
  const auto end = text.find("] ");
  return printable(text.front() == '[' && end != std::string::npos ? text.substr(end + 2) : text);
}

}  // namespace

class Store::Rescue {
 public:
  Rescue(const Impl& from, Store& to, RecoverReport& report)
      : from_(from), source_(*from.db), store_(to), to_(*to.impl_), report_(report) {}

  void run() {
    std::vector<std::pair<StudyId, std::string>> studies;
    attempt("", "the list of studies", [&] {
      auto row = source_.query("SELECT id, name FROM study ORDER BY id");
      while (row.next()) studies.emplace_back(row.integer(0), row.text(1));
    });
    for (const auto& [id, name] : studies) {
      study_ = id;
      name_ = printable(name);
      attempt(name_, "the study",
              [&, &id_ = id] { store_.transaction([&] { rescue_study(id_); }); });
    }
  }

 private:
  void lose(const std::string& where, const std::string& what) {
    report_.lost.push_back({where, what});
  }
  void lose(std::int64_t number, const std::string& what) {
    lose(fmt::format("{}#{}", name_, number), what);
  }

  /// False: an error, which is told.
  template <class Body>
  bool attempt(const std::string& where, const std::string& what, const Body& body) {
    try {
      body();
      return true;
    } catch (const Error& error) {
      lose(where, fmt::format("{}: {}", what, reason(error)));
      return false;
    }
  }

  /// The rows of `table` that `where` chooses, to the first that cannot be read.
  template <class... Keys>
  int copy(const std::string& table, const std::string& where, const Keys&... keys) {
    int rows = 0;
    auto row = source_.query(fmt::format("SELECT * FROM {} WHERE {}", table, where), keys...);
    for (; row.next(); ++rows) to_.db->copy_row(row, table);
    return rows;
  }

  void rescue_study(StudyId id) {
    copy("study", "id = ?", id);
    to_.db->run("UPDATE study SET added = 0 WHERE id = ?", id);
    for (const char* table : {"param", "goal", "metric"}) copy(table, "study = ? ORDER BY k", id);
    to_.metric_cache.erase(id);
    StudyRecord record;
    try {
      record = read_study(*to_.db, id);
    } catch (const StoreError& error) {
      lose(name_, "its settings were kept as they are, though " + reason(error) +
                      "; it has the tag 'damaged'");
      to_.db->run("UPDATE study SET crc = ? WHERE id = ?", study_crc(*to_.db, id), id);
      to_.db->run("INSERT OR IGNORE INTO tag VALUES (?, -1, 'damaged')", id);
      record = read_study(*to_.db, id);
    }
    ++report_.studies;
    create_wide_tables(*to_.db, id, record.params);
    {
      auto metric = to_.db->query("SELECT k FROM metric WHERE study = ? AND wide ORDER BY k", id);
      std::vector<std::int64_t> wide;
      while (metric.next()) wide.push_back(metric.integer(0));
      for (const auto k : wide) add_metric_columns(*to_.db, id, k);
    }
    for (const std::int64_t number : numbers(id)) {
      try {
        store_.transaction([&] { rescue_trial(static_cast<int>(number)); });
      } catch (const Error& error) {
        lose(number, reason(error));
      }
    }
    for (const char* table : {"event", "tag"})
      attempt(name_, fmt::format("part of table {}", table), [&] {
        store_.transaction([&] {
          auto row = source_.query(fmt::format("SELECT * FROM {} WHERE study = ?", table), id);
          while (row.next()) insert_if_new(row, table);
        });
      });
    attempt(name_, "part of the notes", [&] {
      auto row = source_.query("SELECT number, text FROM note WHERE study = ?", id);
      while (row.next()) {
        to_.db->run(
            "INSERT INTO note SELECT study, number, ? FROM trial WHERE study = ? AND number = ?",
            row.text(1), id, row.integer(0));
      }
    });
  }

  void insert_if_new(const sqlite::Cursor& row, const std::string& table) {
    try {
      store_.transaction([&] { to_.db->copy_row(row, table); });
    } catch (const StoreError&) {  // the tag 'damaged' is there already
    }
  }

  /// Every number that any table knows, and those that the count of trials makes likely.
  std::set<std::int64_t> numbers(StudyId id) {
    std::set<std::int64_t> found;
    const auto scan = [&](const std::string& sql) {
      try {
        auto row = source_.query(sql);
        while (row.next())
          if (row.integer(0) >= 0 && row.integer(0) < most_numbers) found.insert(row.integer(0));
      } catch (const StoreError&) {  // as far as it went
      }
    };
    for (const char* order : {"ASC", "DESC"}) {
      scan(fmt::format("SELECT number FROM trial WHERE study = {} ORDER BY number {}", id, order));
      scan(fmt::format("SELECT number FROM {} ORDER BY number {}", params_table(id), order));
    }
    scan(fmt::format("SELECT DISTINCT number FROM curve WHERE study = {}", id));
    auto added = source_.query("SELECT added FROM study WHERE id = ?", id);
    if (added.next()) {
      // A trial takes more than 64 bytes: a count that is damaged itself must not cost hours.
      const auto room = static_cast<std::int64_t>(fs::file_size(source_.file()) / 64);
      const auto most = std::min<std::int64_t>(added.integer(0), room);
      for (std::int64_t number = 1; number <= most; ++number) found.insert(number);
    }
    return found;
  }

  void rescue_trial(int number) {
    TrialRecord trial;
    RowDamage damage = RowDamage::none;
    {
      auto row = source_.query(fmt::format("{} WHERE t.study = ? AND t.number = ?", select_trial),
                               study_, number);
      if (!row.next()) return lose(number, "its row is not there");
      damage = decode_trial(row, trial);
    }
    if (damage == RowDamage::configuration || damage == RowDamage::state)
      return lose(number, to_text(damage));
    if (damage == RowDamage::result) return again(trial, to_text(damage));
    if (!is_finished(trial.state)) return rescue_unfinished(trial);
    copy_trial(number);
    bool whole = false;
    try {
      auto row = source_.query("SELECT rows_crc FROM trial WHERE study = ? AND number = ?", study_,
                               number);
      whole = row.next() && (row.is_null(0) || row.integer(0) == rows_crc(source_, study_, number));
    } catch (const StoreError&) {
    }
    rescue_chunks(trial);
    if (whole) {
      copy(params_table(study_), "number = ?", number);
      copy(metrics_table(study_), "number = ?", number);
      for (const char* table : {"objective", "rung"})
        copy(table, "study = ? AND number = ?", study_, number);
    } else {
      lose(number,
           "its rows in params and metrics were made again from its configuration and curves; "
           "parameters, flops, bytes, further objectives and rungs are gone");
      to_.insert_params(study_, trial);
      TrialEnd end;
      end.best_step = trial.best_step;
      to_.write_metrics(study_, number, end, to_.sealed_columns(study_, number));
    }
    seal(number);
    rescue_blobs(number, "checkpoint", "role");
    rescue_blobs(number, "artifact", "name");
    ++report_.trials;
  }

  void copy_trial(int number) {
    if (copy("trial", "study = ? AND number = ?", study_, number) != 1)
      fail<StoreError>("its row cannot be read");
    copy("fit", "study = ? AND number = ?", study_, number);
    to_.db->run("UPDATE study SET added = added + 1 WHERE id = ?", study_);
  }

  void rescue_chunks(const TrialRecord& trial) {
    const MetricTable& metrics = to_.metrics(study_);
    Checksum all;
    bool lost = false;
    try {
      auto row =
          source_.query("SELECT * FROM curve WHERE study = ? AND number = ? ORDER BY position",
                        study_, trial.number);
      while (row.next()) {
        const auto k = static_cast<std::size_t>(row.integer(2));
        const std::string name = k < metrics.metrics.size() ? metrics.metrics[k].name : "?";
        if (chunk_crc(trial.number, name, row.blob(5)) != row.integer(4)) {
          lose(trial.number, fmt::format("its curve '{}'", printable(name)));
          lost = true;
          continue;
        }
        all.add(row.integer(2)).add(row.integer(4));
        to_.db->copy_row(row, "curve");
      }
    } catch (const StoreError& error) {
      lose(trial.number, "some of its curves: " + reason(error));
      lost = true;
    }
    auto stored = to_.db->query("SELECT curve_crc FROM trial WHERE study = ? AND number = ?",
                                study_, trial.number);
    stored.next();
    if (stored.integer(0) == std::int64_t{all.value()}) return;
    if (!lost) lose(trial.number, "some of its curves");
    to_.db->run("UPDATE trial SET curve_crc = ? WHERE study = ? AND number = ?", all.value(),
                study_, trial.number);
  }

  /// The sums of a row whose parts may have changed.
  void seal(int number) {
    to_.db->run("UPDATE trial SET rows_crc = ? WHERE study = ? AND number = ?",
                rows_crc(*to_.db, study_, number), study_, number);
    std::uint32_t crc = 0;
    {
      auto row = to_.db->query(fmt::format("{} WHERE t.study = ? AND t.number = ?", select_trial),
                               study_, number);
      row.next();
      crc = finished_crc(row);
    }
    to_.db->run("UPDATE trial SET crc = ? WHERE study = ? AND number = ?", crc, study_, number);
  }

  void rescue_unfinished(const TrialRecord& trial) {
    try {
      const auto rows = from_.hot_rows(study_, trial.number);
      if ((rows.empty() ? 0 : rows.back().step) != trial.steps)
        return again(trial, "its steps are not complete");
    } catch (const StoreError& error) {
      return again(trial, reason(error));
    }
    copy_trial(trial.number);
    to_.insert_params(study_, trial);
    for (const char* table : {"epoch_hot", "rung"})
      copy(table, "study = ? AND number = ?", study_, trial.number);
    rescue_blobs(trial.number, "checkpoint", "role");
    rescue_blobs(trial.number, "artifact", "name");
    ++report_.trials;
  }

  void again(const TrialRecord& trial, const std::string& why) {
    if (trial.kind != "search") return lose(trial.number, why);
    lose(trial.number, why + "; it waits to be trained again");
    store_.add_trial(study_, trial);
    ++report_.trials;
  }

  void rescue_blobs(int number, const std::string& table, const std::string& label) {
    try {
      auto row = source_.query(
          fmt::format("SELECT hash, bytes, crc, blob, {} FROM {} WHERE study = ? AND number = ?",
                      label, table),
          study_, number);
      while (row.next()) {
        const std::string what = fmt::format("its {} '{}'", table, printable(row.text(4)));
        try {
          const auto bytes = from_.get_blob(row, 3, row.text(0), row.integer(1),
                                            static_cast<std::uint32_t>(row.integer(2)), what);
          to_.put_blob(bytes, row.text(0));
          copy(table, fmt::format("study = ? AND number = ? AND {} = ?", label), study_, number,
               row.text(4));
        } catch (const Error& error) {
          lose(number, reason(error));
        }
      }
    } catch (const StoreError& error) {
      lose(number, fmt::format("its rows in {}: {}", table, reason(error)));
    }
  }

  const Impl& from_;
  const sqlite::Connection& source_;
  Store& store_;
  Impl& to_;
  RecoverReport& report_;
  StudyId study_ = 0;
  std::string name_;
};

RecoverReport recover(const fs::path& file, const fs::path& to) {
  if (!fs::is_regular_file(file)) fail<StoreError>("[{}] no such database", file.string());
  if (fs::exists(to)) fail<StoreError>("[{}] is there already; expected a new file", to.string());
  const Copy copy(file, beside(to, ".reading"));
  Store::Impl from;
  from.file = file;
  from.db = std::make_unique<sqlite::Connection>(beside(to, ".reading"), sqlite::Access::write, 0);
  from.db->accept_damage();
  bring_up(*from.db);
  RecoverReport report;
  const fs::path partial = beside(to, ".partial");
  const auto remove_partial = [&] {
    std::error_code ignored;
    for (const char* ending : {"", "-wal", "-shm", ".lock"})
      fs::remove(beside(partial, ending), ignored);
    fs::remove_all(beside(partial, ".d"), ignored);
  };
  remove_partial();
  try {
    {
      Store store = Store::open(partial, Mode::write);
      store.impl_->db->execute("PRAGMA foreign_keys = OFF");  // order of tables
      Store::Rescue(from, store, report).run();
      store.impl_->db->execute("PRAGMA foreign_keys = ON");
    }
    if (report.studies == 0) {
      fail<StoreError>(
          "[{}] nothing can be recovered: {}", file.string(),
          report.lost.empty() ? std::string("it holds no study") : report.lost.front().what);
    }
    const VerifyReport check = verify(partial);
    if (!check.findings.empty()) {
      fail<StoreError>("[{}] the recovered copy does not verify: {}: {}", file.string(),
                       check.findings.front().where, check.findings.front().what);
    }
    if (fs::exists(beside(partial, ".d"))) fs::rename(beside(partial, ".d"), beside(to, ".d"));
    fs::rename(partial, to);
  } catch (...) {
    remove_partial();
    throw;
  }
  remove_partial();
  return report;
}

}  // namespace vernier::store
