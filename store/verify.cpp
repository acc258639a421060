#include "store/verify.h"

#include <set>

#include "core/error.h"
#include "core/text.h"
#include "store/checksum.h"
#include "store/curve/codec.h"
#include "store/impl.h"
#include "store/open.h"
#include "store/trial_row.h"

namespace vernier::store {
namespace {

constexpr int most_structural = 100;

/// An error's text without the file's name, which every line would repeat.
std::string reason(const std::exception& error) {
  const std::string text = error.what();
  const auto end = text.find("] ");
  return printable(text.front() == '[' && end != std::string::npos ? text.substr(end + 2) : text);
}

}  // namespace

/// One pass over one file.
class Store::Check {
 public:
  Check(const Impl& impl, VerifyReport& report)
      : impl_(impl), db_(*impl.db), report_(report), scope_(db_) {}

  void run() {
    part("", [&] { structure(); });
    part("", [&] {
      auto row = db_.query("SELECT id, name FROM study ORDER BY id");
      while (row.next()) studies_.emplace_back(row.integer(0), row.text(1));
    });
    for (const auto& [id, name] : studies_) {
      ++report_.studies;
      part(printable(name), [&, &id_ = id, &name_ = name] { check_study(id_, name_); });
    }
    part("", [&] { belongings(); });
  }

 private:
  template <class Body>
  void part(const std::string& where, const Body& body) {
    try {
      body();
    } catch (const Error& error) {
      report_.findings.push_back({where, reason(error)});
    }
  }

  void find(std::int64_t number, const std::string& what) {
    report_.findings.push_back({fmt::format("{}#{}", name_, number), what});
  }

  void structure() {
    auto row = db_.query(fmt::format("PRAGMA integrity_check({})", most_structural));
    while (row.next()) {
      const std::string text = row.text(0);
      if (text != "ok") report_.findings.push_back({"", printable(text)});
    }
  }

  /// Rows whose trial or study is not there.
  void belongings() {
    std::set<std::string> seen;
    auto row = db_.query("PRAGMA foreign_key_check");
    while (row.next()) {
      if (seen.insert(row.text(0)).second)
        report_.findings.push_back(
            {"", fmt::format("table {} has rows that belong to no {}", printable(row.text(0)),
                             printable(row.text(2)))});
    }
  }

  void check_study(StudyId id, const std::string& name) {
    study_ = id;
    name_ = printable(name);
    part(name_, [&] { (void)read_study(db_, id); });
    const MetricTable& metrics = impl_.metrics(id);
    std::int64_t count = 0;
    part(name_, [&] {
      auto row = db_.query(fmt::format("{} WHERE t.study = ? ORDER BY t.number", select_trial), id);
      while (row.next()) {
        ++count;
        ++report_.trials;
        const std::int64_t number = row.integer(0);
        try {
          check_trial(row, metrics);
        } catch (const Error& error) {
          find(number, reason(error));
        }
      }
      auto added = db_.query("SELECT added FROM study WHERE id = ?", id);
      if (added.next() && added.integer(0) != count)
        report_.findings.push_back(
            {name_, fmt::format("{} readable trials of {}", count, added.integer(0))});
    });
    blobs("checkpoint", "role", report_.checkpoints);
    blobs("artifact", "name", report_.artifacts);
  }

  void check_trial(const sqlite::Cursor& row, const MetricTable& metrics) {
    const std::int64_t number = row.integer(0);
    TrialRecord trial;
    if (const RowDamage damage = decode_trial(row, trial); damage != RowDamage::none)
      return find(number, to_text(damage));
    if (!is_finished(trial.state)) return check_hot(trial);
    ++report_.finished;
    check_chunks(number, metrics);
    auto stored =
        db_.query("SELECT rows_crc FROM trial WHERE study = ? AND number = ?", study_, number);
    stored.next();
    if (stored.is_null(0)) {
      ++report_.unsummed;
    } else if (stored.integer(0) != rows_crc(db_, study_, number)) {
      find(number, "the checksum of its rows in params, metrics, objective and rung differs");
    }
  }

  void check_chunks(std::int64_t number, const MetricTable& metrics) {
    Checksum all;
    auto row = db_.query(
        "SELECT metric, crc, chunk FROM curve WHERE study = ? AND number = ? ORDER BY position",
        study_, number);
    while (row.next()) {
      ++report_.chunks;
      const auto k = static_cast<std::size_t>(row.integer(0));
      if (k >= metrics.metrics.size()) return find(number, "a curve of an unknown metric");
      const std::string& metric = metrics.metrics[k].name;
      if (chunk_crc(static_cast<int>(number), metric, row.blob(2)) != row.integer(1))
        find(number, fmt::format("the checksum of its curve '{}' differs", printable(metric)));
      (void)unpack_chunk(row.blob(2));
      all.add(row.integer(0)).add(row.integer(1));
    }
    if (impl_.curve_crc(study_, static_cast<int>(number)) !=
        std::optional<int>(static_cast<int>(all.value())))
      find(number, "its curves are not complete");
  }

  void check_hot(const TrialRecord& trial) {
    const auto rows = impl_.hot_rows(study_, trial.number);
    report_.hot_rows += static_cast<std::int64_t>(rows.size());
    const int last = rows.empty() ? 0 : rows.back().step;
    if (last != trial.steps)
      find(trial.number, fmt::format("its steps end at {}, not {}", last, trial.steps));
  }

  void blobs(const std::string& table, const std::string& label, std::int64_t& count) {
    part(name_, [&] {
      auto row =
          db_.query(fmt::format("SELECT number, {}, hash, bytes, crc, blob FROM {} WHERE study = ?",
                                label, table),
                    study_);
      while (row.next()) {
        ++count;
        const std::string what = fmt::format("its {} '{}'", table, printable(row.text(1)));
        try {
          (void)impl_.get_blob(row, 5, row.text(2), row.integer(3),
                               static_cast<std::uint32_t>(row.integer(4)), what);
        } catch (const Error& error) {
          find(row.integer(0), reason(error));
        }
      }
    });
  }

  const Impl& impl_;
  const sqlite::Connection& db_;
  VerifyReport& report_;
  const ReadScope scope_;
  std::vector<std::pair<StudyId, std::string>> studies_;
  StudyId study_ = 0;
  std::string name_;
};

VerifyReport verify(const std::filesystem::path& file) {
  const Store store = Store::open(file, Mode::read);
  VerifyReport report;
  Store::Check(*store.impl_, report).run();
  return report;
}

}  // namespace vernier::store
