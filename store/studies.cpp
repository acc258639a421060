#include <algorithm>
#include <bit>

#include "core/clock.h"
#include "core/error.h"
#include "core/text.h"
#include "store/checksum.h"
#include "store/impl.h"

namespace vernier::store {
namespace {

constexpr std::size_t most_name_bytes = 200;
constexpr std::size_t most_params = 1900;  // SQLite's tables hold 2,000 columns

void check_name(const std::filesystem::path& file, const std::string& name) {
  if (name.empty()) fail<StoreError>("[{}] a study needs a name", file.string());
  if (name.size() > most_name_bytes) {
    fail<StoreError>("[{}] the study's name '{}...' has {} bytes; expected at most {}",
                     file.string(), printable(name.substr(0, 40)), name.size(), most_name_bytes);
  }
  if (printable(name) != name) {
    fail<StoreError>("[{}] the study's name '{}' holds control characters or is not UTF-8",
                     file.string(), printable(name));
  }
}

std::string_view column_type(const std::string& type) {
  if (type == "float") return "REAL";
  if (type == "int" || type == "bool") return "INTEGER";
  return "ANY";
}

std::string dump(const std::filesystem::path& file, const Json& json) {
  try {
    return json.dump();
  } catch (const Json::exception& error) {
    fail<StoreError>("[{}] a text that is not UTF-8 cannot be stored: {}", file.string(),
                     error.what());
  }
}

Json parse(const sqlite::Connection& db, const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) db.damaged("a study's JSON cannot be read");
  return json;
}

std::uint32_t study_crc(const StudyRecord& study, const std::string& spec) {
  Checksum sum;
  sum.add(study.name).add(study.spec_text).add(spec).add(study.spec_hash);
  sum.add(std::bit_cast<std::int64_t>(study.seed)).add(study.sampler).add(study.strategy);
  sum.add(study.code_version).add(study.host).add_real(study.created);
  for (const auto& param : study.params) {
    sum.add(param.name)
        .add(param.type)
        .add(param.definition.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  for (const auto& [metric, maximize] : study.objectives)
    sum.add(metric).add(std::int64_t{maximize});
  return sum.value();
}

constexpr std::string_view study_columns =
    "SELECT id, name, note, spec_text, spec, spec_hash, seed, trials, sampler, strategy, "
    "code_version, host, created, "
    "state, crc FROM study";

struct StoredStudy {
  StudyRecord record;
  std::string spec;      // as text
  std::int64_t crc = 0;  // stored
};

StoredStudy load(const sqlite::Connection& db, const sqlite::Cursor& row) {
  StoredStudy stored;
  StudyRecord& study = stored.record;
  study.id = row.integer(0);
  study.name = row.text(1);
  study.note = row.text(2);
  study.spec_text = row.text(3);
  stored.spec = row.text(4);
  study.spec_hash = row.text(5);
  study.seed = std::bit_cast<std::uint64_t>(row.integer(6));
  study.trials = static_cast<int>(row.integer(7));
  study.sampler = row.text(8);
  study.strategy = row.text(9);
  study.code_version = row.text(10);
  study.host = row.text(11);
  study.created = row.real(12);
  study.state = row.text(13);
  auto params =
      db.query("SELECT name, type, definition FROM param WHERE study = ? ORDER BY k", study.id);
  while (params.next())
    study.params.push_back({params.text(0), params.text(1), parse(db, params.text(2))});
  auto goals = db.query("SELECT metric, maximize FROM goal WHERE study = ? ORDER BY k", study.id);
  while (goals.next()) study.objectives.emplace_back(goals.text(0), goals.integer(1) != 0);
  stored.crc = row.integer(14);
  return stored;
}

StudyRecord read_study(const sqlite::Connection& db, const sqlite::Cursor& row) {
  StoredStudy stored = load(db, row);
  if (stored.crc != study_crc(stored.record, stored.spec))
    db.damaged(fmt::format("checksum of study '{}'", printable(stored.record.name)));
  stored.record.spec = parse(db, stored.spec);
  return std::move(stored.record);
}

sqlite::Cursor need_row(const sqlite::Connection& db, StudyId id) {
  auto row = db.query(fmt::format("{} WHERE id = ?", study_columns), id);
  if (!row.next()) fail<NotFoundError>("[{}] no study with id {}", db.file().string(), id);
  return row;
}

}  // namespace

StudyRecord read_study(const sqlite::Connection& db, StudyId id) {
  return read_study(db, need_row(db, id));
}

std::uint32_t study_crc(const sqlite::Connection& db, StudyId id) {
  const StoredStudy stored = load(db, need_row(db, id));
  (void)parse(db, stored.spec);
  return study_crc(stored.record, stored.spec);
}

namespace {

/// Columns are p0, p1, ... because names of parameters may differ in case alone; the view has the names.
void create_wide_view(const sqlite::Connection& db, StudyId id,
                      const std::vector<ParamRecord>& params) {
  std::string aliases;
  for (std::size_t k = 0; k < params.size(); ++k)
    aliases += fmt::format(", p.p{} AS {}", k, sqlite::quote_name(params[k].name));
  db.run(
      fmt::format("CREATE VIEW params_wide_{0} AS SELECT t.number, t.state, t.value{2} FROM "
                  "trial t JOIN {1} p ON p.number = t.number WHERE t.study = {0}",
                  id, params_table(id), aliases));
}

}  // namespace

void create_wide_tables(const sqlite::Connection& db, StudyId id,
                        const std::vector<ParamRecord>& params) {
  std::string columns;
  for (std::size_t k = 0; k < params.size(); ++k)
    columns += fmt::format(", p{} {}", k, column_type(params[k].type));
  db.run(fmt::format("CREATE TABLE {} (number INTEGER PRIMARY KEY{}) STRICT", params_table(id),
                     columns));
  db.run(
      fmt::format("CREATE TABLE {} (number INTEGER PRIMARY KEY, parameters REAL, flops REAL, bytes "
                  "REAL) STRICT",
                  metrics_table(id)));
  create_wide_view(db, id, params);
}

namespace {

void check_count(const std::filesystem::path& file, const NewStudy& study) {
  if (study.params.size() > most_params) {
    fail<StoreError>("[{}] study '{}' has {} parameters; expected at most {}", file.string(),
                     study.name, study.params.size(), most_params);
  }
}

void insert_param(const std::filesystem::path& file, const sqlite::Connection& db, StudyId id,
                  std::size_t k, const ParamRecord& param) {
  db.run("INSERT INTO param VALUES (?, ?, ?, ?, ?)", id, static_cast<int>(k), param.name,
         param.type, dump(file, param.definition));
}

/// Parameters from `first` on are new: trials that are there lack them.
void append_params(const std::filesystem::path& file, sqlite::Connection& db, StudyId id,
                   const std::vector<ParamRecord>& params, std::size_t first) {
  if (first == params.size()) return;
  db.execute(fmt::format("DROP VIEW params_wide_{}", id));
  for (std::size_t k = first; k < params.size(); ++k) {
    insert_param(file, db, id, k, params[k]);
    db.run(fmt::format("ALTER TABLE {} ADD COLUMN p{} {}", params_table(id), k,
                       column_type(params[k].type)));
  }
  create_wide_view(db, id, params);
}

}  // namespace

StudyId Store::create_study(const NewStudy& study) {
  Impl& impl = *impl_;
  check_name(impl.file, study.name);
  check_count(impl.file, study);
  StudyRecord record;
  static_cast<NewStudy&>(record) = study;
  record.created = SystemClock().wall();
  const std::string spec = dump(impl.file, study.spec);
  impl.write([&] {
    sqlite::Connection& db = *impl.db;
    if (auto row = db.query("SELECT 1 FROM study WHERE name = ?", study.name); row.next()) {
      fail<StoreError>("[{}] a study '{}' is there already", impl.file.string(), study.name);
    }
    db.run(
        "INSERT INTO study (name, note, spec_text, spec, spec_hash, seed, trials, sampler, "
        "strategy, code_version, "
        "host, created, state, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?)",
        study.name, study.note, study.spec_text, spec, study.spec_hash,
        std::bit_cast<std::int64_t>(study.seed), study.trials, study.sampler, study.strategy,
        study.code_version, study.host, record.created, study_crc(record, spec));
    record.id = db.last_id();
    for (std::size_t k = 0; k < study.params.size(); ++k)
      insert_param(impl.file, db, record.id, k, study.params[k]);
    for (std::size_t k = 0; k < study.objectives.size(); ++k) {
      const auto& [metric, maximize] = study.objectives[k];
      db.run("INSERT INTO goal VALUES (?, ?, ?, ?)", record.id, static_cast<int>(k), metric,
             maximize);
    }
    create_wide_tables(db, record.id, study.params);
    for (const auto& goal : study.objectives) impl.metric_id(record.id, goal.first, false);
  });
  return record.id;
}

std::optional<StudyRecord> Store::find_study(const std::string& name) const {
  const ReadScope scope(*impl_->db);
  auto row = impl_->db->query(fmt::format("{} WHERE name = ?", study_columns), name);
  if (!row.next()) return std::nullopt;
  return read_study(*impl_->db, row);
}

StudyRecord Store::study(const std::string& name) const {
  const ReadScope scope(*impl_->db);
  if (auto found = find_study(name)) return *found;
  std::vector<std::string> names;
  auto row = impl_->db->query("SELECT name FROM study ORDER BY id");
  while (row.next()) names.push_back(row.text(0));
  fail<NotFoundError>("[{}] no study '{}'{}", impl_->file.string(), printable(name),
                      names.empty() ? std::string("; there is none yet") : hint(name, names));
}

std::vector<StudyRecord> Store::studies() const {
  const ReadScope scope(*impl_->db);
  std::vector<StudyRecord> all;
  auto row = impl_->db->query(fmt::format("{} ORDER BY id", study_columns));
  while (row.next()) all.push_back(read_study(*impl_->db, row));
  return all;
}

void Store::set_study(StudyId study, const std::string& state, int trials) {
  impl_->write([&] {
    if (impl_->db->run("UPDATE study SET state = ?, trials = ? WHERE id = ?", state, trials,
                       study) == 0) {
      impl_->need_study(study);
    }
  });
}

void Store::amend_study(StudyId id, const NewStudy& to) {
  Impl& impl = *impl_;
  check_count(impl.file, to);
  const std::string spec = dump(impl.file, to.spec);
  impl.write([&] {
    sqlite::Connection& db = *impl.db;
    StudyRecord record = read_study(db, id);
    const std::size_t before = record.params.size();
    const auto alike = [](const ParamRecord& a, const ParamRecord& b) {
      return a.name == b.name && a.type == b.type;
    };
    const bool same = before <= to.params.size() &&
                      std::equal(record.params.begin(), record.params.end(), to.params.begin(),
                                 to.params.begin() + static_cast<std::ptrdiff_t>(before), alike) &&
                      record.objectives == to.objectives && record.seed == to.seed &&
                      record.sampler == to.sampler && record.strategy == to.strategy;
    if (!same) {
      fail<StoreError>(
          "[{}] study '{}' cannot be amended to other parameters, objectives, seed, sampler or "
          "strategy",
          impl.file.string(), printable(record.name));
    }
    record.note = to.note;
    record.spec_text = to.spec_text;
    record.spec_hash = to.spec_hash;
    record.params = to.params;
    db.run(
        "UPDATE study SET note = ?, spec_text = ?, spec = ?, spec_hash = ?, crc = ? WHERE id = ?",
        record.note, record.spec_text, spec, record.spec_hash, study_crc(record, spec), id);
    append_params(impl.file, db, id, to.params, before);
    for (std::size_t k = 0; k < before; ++k)
      db.run("UPDATE param SET definition = ? WHERE study = ? AND k = ?",
             dump(impl.file, to.params[k].definition), id, static_cast<int>(k));
  });
}

void Store::remove_study(StudyId study) {
  impl_->write([&] {
    impl_->need_study(study);
    sqlite::Connection& db = *impl_->db;
    for (const char* table : {"checkpoint", "artifact"}) {
      auto row = db.query(
          fmt::format("SELECT hash FROM {} WHERE study = ? AND blob IS NULL", table), study);
      while (row.next()) impl_->dropped.push_back(row.text(0));
    }
    db.run("DELETE FROM study WHERE id = ?", study);  // the rest by ON DELETE CASCADE
    db.execute(fmt::format("DROP VIEW params_wide_{}", study));
    db.execute(fmt::format("DROP TABLE {}", params_table(study)));
    db.execute(fmt::format("DROP TABLE {}", metrics_table(study)));
    impl_->metric_cache.erase(study);
  });
}

void Store::Impl::need_study(StudyId study) const {
  if (auto row = db->query("SELECT 1 FROM study WHERE id = ?", study); row.next()) return;
  fail<NotFoundError>("[{}] no study with id {}", file.string(), study);
}

}  // namespace vernier::store
