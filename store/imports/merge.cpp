#include "store/imports/merge.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/text.h"
#include "store/impl.h"
#include "store/open.h"
#include "store/verify.h"

namespace vernier::store {
namespace {

namespace fs = std::filesystem;

/// What has a study in its key, in an order in which every row finds what it refers to.
constexpr const char* tables[] = {"param", "goal", "metric",     "trial", "objective", "epoch_hot",
                                  "curve", "fit",  "checkpoint", "note",  "tag"};
/// With an id of their own, in the order in which they arrived.
constexpr const char* lists[] = {"rung", "artifact", "event"};

struct Found {
  StudyId id = 0;
  std::string name, identity;
};

/// All that tells whether two studies are one: what decides, when it was made, every trial's checksums and state.
std::string identity_of(const sqlite::Connection& db, const char* schema, StudyId id) {
  std::string text;
  auto study = db.query(
      fmt::format("SELECT spec_hash, seed, created, host FROM {}.study WHERE id = ?", schema), id);
  study.next();
  text +=
      fmt::format("{} {} {} {}\n", study.text(0), study.integer(1), study.real(2), study.text(3));
  auto trial = db.query(fmt::format("SELECT number, state, steps, config_crc, crc FROM {}.trial "
                                    "WHERE study = ? ORDER BY number",
                                    schema),
                        id);
  while (trial.next()) {
    const bool runs = trial.text(1) == "running";  // there; here it is interrupted
    text += fmt::format("{} {} {} {} {}\n", trial.integer(0), runs ? "interrupted" : trial.text(1),
                        trial.integer(2), trial.integer(3), trial.integer(4));
  }
  return content_hash(text);
}

std::vector<Found> list(const sqlite::Connection& db, const char* schema) {
  std::vector<Found> all;
  auto row = db.query(fmt::format("SELECT id, name FROM {}.study ORDER BY id", schema));
  while (row.next()) all.push_back({row.integer(0), row.text(1), {}});
  for (Found& study : all) study.identity = identity_of(db, schema, study.id);
  return all;
}

std::vector<std::string> columns_of(const sqlite::Connection& db, const std::string& table) {
  std::vector<std::string> names;
  auto row = db.query("SELECT name FROM pragma_table_info(?, 'other')", table);
  while (row.next()) names.push_back(sqlite::quote_name(row.text(0)));
  return names;
}

class Merge {
 public:
  explicit Merge(sqlite::Connection& to) : to_(to) {}

  int copy(StudyId from, const std::string& name) {
    insert("study", {"id"}, {{"name", sqlite::quote_text(name)}}, "id", from);
    const StudyId to = to_.last_id();
    const std::map<std::string, std::string> here{{"study", std::to_string(to)}};
    for (const char* table : tables) insert(table, {}, here, "study", from);
    for (const char* table : lists) insert(table, {"id"}, here, "study", from);
    to_.run("UPDATE study SET crc = ? WHERE id = ?", study_crc(to_, to), to);
    to_.run(
        "UPDATE trial SET state = 'interrupted', lease_owner = NULL, mark = NULL WHERE study = ? "
        "AND state = 'running'",
        to);
    to_.run("UPDATE trial SET lease_owner = NULL WHERE study = ?", to);
    create_wide_tables(to_, to, read_study(to_, to).params);
    std::vector<std::int64_t> wide;
    auto metric = to_.query("SELECT k FROM metric WHERE study = ? AND wide ORDER BY k", to);
    while (metric.next()) wide.push_back(metric.integer(0));
    for (const std::int64_t k : wide) add_metric_columns(to_, to, k);
    copy_rows(params_table(from), params_table(to));
    copy_rows(metrics_table(from), metrics_table(to));
    auto count = to_.query("SELECT count(*) FROM trial WHERE study = ?", to);
    count.next();
    return static_cast<int>(count.integer(0));
  }

 private:
  /// Rows of one study: without the columns `but`, with `other` values in some.
  void insert(const std::string& table, const std::vector<std::string>& but,
              const std::map<std::string, std::string>& other, const char* key, StudyId from) {
    std::string names, values;
    for (const std::string& column : columns_of(to_, table)) {
      const std::string plain = column.substr(1, column.size() - 2);
      if (std::find(but.begin(), but.end(), plain) != but.end()) continue;
      const auto replaced = other.find(plain);
      names += (names.empty() ? "" : ", ") + column;
      values +=
          (values.empty() ? "" : ", ") + (replaced == other.end() ? column : replaced->second);
    }
    const char* order = but.empty() ? "" : " ORDER BY id";
    to_.run(fmt::format("INSERT INTO main.{0} ({1}) SELECT {2} FROM other.{0} WHERE {3} = ?{4}",
                        table, names, values, key, order),
            from);
  }

  void copy_rows(const std::string& from, const std::string& to) {
    const std::string names = join(columns_of(to_, from), ", ");
    to_.run(
        fmt::format("INSERT INTO main.{} ({}) SELECT {} FROM other.{}", to, names, names, from));
  }

  sqlite::Connection& to_;
};

/// Read-only: a second connection must neither write nor move the log of a file that may have its writer.
std::string read_only_uri(const fs::path& file) {
  std::string text = "file:";
  for (const char c : fs::absolute(file).string()) {
    if (c == '%' || c == '?' || c == '#' || static_cast<unsigned char>(c) < 0x20) {
      text += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    } else {
      text += c;
    }
  }
  return text + "?mode=ro";
}

fs::path blobs_of(const fs::path& file) {
  fs::path folder = file;
  folder += ".d";
  return folder;
}

/// Files that rows of the studies name; verify() has seen that their contents are what their names say.
void copy_blobs(const sqlite::Connection& db, const fs::path& from, StudyId study) {
  for (const char* table : {"checkpoint", "artifact"}) {
    auto row = db.query(
        fmt::format("SELECT hash FROM other.{} WHERE study = ? AND blob IS NULL", table), study);
    while (row.next()) {
      const std::string hash = row.text(0);
      const fs::path place = fs::path(hash.substr(0, 2)) / (hash + ".ckpt");
      const fs::path target = blobs_of(db.file()) / place;
      if (fs::exists(target)) continue;
      fs::create_directories(target.parent_path());
      write_file_durably(target, read_file(blobs_of(from) / place));
    }
  }
}

/// The folders that external programs keep their state in. A name from another file must not lead out of ours.
void copy_trial_folders(const fs::path& from, const fs::path& to, const Merged& study) {
  const auto plain = [](const std::string& name) {
    return name.find('/') == std::string::npos && name != "." && name != "..";
  };
  const fs::path source = blobs_of(from) / "trials" / study.from;
  if (!plain(study.from) || !plain(study.to) || !fs::is_directory(source)) return;
  const fs::path target = blobs_of(to) / "trials" / study.to;
  fs::remove_all(target);  // of no study that is here
  fs::create_directories(target.parent_path());
  fs::copy(source, target, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
}

/// Which studies come, under which names; those that are here already are marked.
std::vector<std::pair<StudyId, Merged>> plan(const sqlite::Connection& db, const fs::path& from,
                                             const MergeOptions& options) {
  const std::vector<Found> theirs = list(db, "other"), ours = list(db, "main");
  std::vector<std::string> names;
  for (const Found& study : theirs) names.push_back(study.name);
  for (const std::string& wanted : options.studies)
    if (std::find(names.begin(), names.end(), wanted) == names.end())
      fail<NotFoundError>("[{}] no study '{}'{}", from.string(), printable(wanted),
                          hint(wanted, names));
  std::vector<std::pair<StudyId, Merged>> chosen;
  for (const Found& study : theirs) {
    const bool wanted = options.studies.empty() ||
                        std::find(options.studies.begin(), options.studies.end(), study.name) !=
                            options.studies.end();
    if (!wanted) continue;
    Merged merged{study.name, options.as.value_or(study.name), 0, false};
    for (const Found& known : ours) {
      if (known.name != merged.to) continue;
      if (known.identity != study.identity)
        fail<StoreError>(
            "[{}] a study '{}' is there already, and is another one or has gone on since; nothing "
            "was imported: expected --as NAME for another name",
            db.file().string(), printable(merged.to));
      merged.there = true;
    }
    chosen.emplace_back(study.id, merged);
  }
  if (options.as && chosen.size() != 1)
    fail<UsageError>("[{}] --as names one study, and {} would come; expected --study NAME",
                     from.string(), chosen.size());
  return chosen;
}

}  // namespace

std::vector<Merged> merge(const fs::path& from, const fs::path& to, const MergeOptions& options) {
  if (fs::exists(to) && fs::exists(from) && fs::equivalent(from, to))
    fail<StoreError>("[{}] is this database itself; expected another one", from.string());
  const VerifyReport checked = verify(from);
  if (!checked.findings.empty())
    fail<StoreError>("[{}] is damaged ({}: {}); expected one that `vernier verify` accepts",
                     from.string(), checked.findings.front().where, checked.findings.front().what);
  (void)Store::open(to, Mode::write);  // made, checked and migrated
  const WriterLock lock(to);
  (void)Store::open(from, Mode::read);  // of this version
  const auto target = connect_writer(to, false, 5000);
  target->execute(fmt::format("ATTACH {} AS other", sqlite::quote_text(read_only_uri(from))));
  std::vector<Merged> done;
  target->run("BEGIN IMMEDIATE");
  try {
    // A writer that lost its lock file learns that it is stale, as from any other writer.
    target->run("INSERT OR REPLACE INTO meta VALUES ('writer', ?)", lease_owner() + " import");
    for (auto& [id, merged] : plan(*target, from, options)) {
      if (!merged.there) {
        copy_blobs(*target, from, id);
        copy_trial_folders(from, to, merged);
        merged.trials = Merge(*target).copy(id, merged.to);
      }
      done.push_back(merged);
    }
    target->run("COMMIT");
  } catch (const fs::filesystem_error& error) {
    target->roll_back();
    fail<StoreError>("[{}] its files cannot be copied: {}", from.string(), error.what());
  } catch (...) {
    target->roll_back();
    throw;
  }
  return done;
}

}  // namespace vernier::store
