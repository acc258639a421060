#include <algorithm>
#include <bit>
#include <cmath>

#include "core/clock.h"
#include "core/error.h"
#include "core/text.h"
#include "store/checksum.h"
#include "store/impl.h"
#include "store/trial_row.h"

namespace vernier::store {

TrialRecord Store::Impl::read_trial(StudyId study, const sqlite::Cursor& row) const {
  TrialRecord trial;
  if (const char* what = decode_trial(row, trial)) {
    damaged(study, static_cast<int>(row.integer(0)), what);
  }
  return trial;
}

std::optional<TrialRecord> Store::Impl::find_trial(StudyId study, int number) const {
  auto row =
      db->query(fmt::format("{} WHERE t.study = ? AND t.number = ?", select_trial), study, number);
  if (!row.next()) return std::nullopt;
  TrialRecord trial = read_trial(study, row);
  auto note = db->query("SELECT text FROM note WHERE study = ? AND number = ?", study, number);
  if (note.next()) trial.note = note.text(0);
  auto tags =
      db->query("SELECT tag FROM tag WHERE study = ? AND number = ? ORDER BY tag", study, number);
  while (tags.next()) trial.tags.push_back(tags.text(0));
  auto values = db->query("SELECT value FROM objective WHERE study = ? AND number = ? ORDER BY k",
                          study, number);
  while (values.next()) trial.objectives.push_back(values.maybe_real(0).value_or(std::nan("")));
  return trial;
}

TrialRecord Store::Impl::need_trial(StudyId study, int number) const {
  if (auto trial = find_trial(study, number)) return *trial;
  need_study(study);
  auto row =
      db->query("SELECT min(number), max(number), count(*) FROM trial WHERE study = ?", study);
  row.next();
  const auto count = row.integer(2);
  fail<NotFoundError>(
      "{}: no such trial; {}", place(study, number),
      count == 0 ? std::string("the study has none yet")
                 : fmt::format("it has {} from #{} to #{}", count, row.integer(0), row.integer(1)));
}

TrialRecord Store::trial(StudyId study, int number) const {
  const ReadScope scope(*impl_->db);
  return impl_->need_trial(study, number);
}

std::vector<TrialRecord> Store::trials(StudyId study) const {
  const Impl& impl = *impl_;
  const ReadScope scope(*impl.db);
  impl.need_study(study);
  std::vector<TrialRecord> all;
  auto row =
      impl.db->query(fmt::format("{} WHERE t.study = ? ORDER BY t.number", select_trial), study);
  while (row.next()) all.push_back(impl.read_trial(study, row));
  auto count = impl.db->query("SELECT added FROM study WHERE id = ?", study);
  if (!count.next() || count.integer(0) != static_cast<std::int64_t>(all.size())) {
    impl.db->damaged(
        fmt::format("study {} has {} readable trials of {}", study, all.size(), count.integer(0)));
  }
  const auto find = [&](std::int64_t number) -> TrialRecord* {
    const auto at =
        std::lower_bound(all.begin(), all.end(), number,
                         [](const TrialRecord& trial, std::int64_t n) { return trial.number < n; });
    return at != all.end() && at->number == number ? &*at : nullptr;
  };
  auto notes = impl.db->query("SELECT number, text FROM note WHERE study = ?", study);
  while (notes.next()) {
    if (TrialRecord* trial = find(notes.integer(0))) trial->note = notes.text(1);
  }
  auto tags = impl.db->query(
      "SELECT number, tag FROM tag WHERE study = ? AND number >= 0 ORDER BY number, tag", study);
  while (tags.next()) {
    if (TrialRecord* trial = find(tags.integer(0))) trial->tags.push_back(tags.text(1));
  }
  auto values = impl.db->query(
      "SELECT number, value FROM objective WHERE study = ? ORDER BY number, k", study);
  while (values.next()) {
    if (TrialRecord* trial = find(values.integer(0)))
      trial->objectives.push_back(values.maybe_real(1).value_or(std::nan("")));
  }
  return all;
}

void Store::add_trial(StudyId study, const NewTrial& trial) {
  Impl& impl = *impl_;
  std::string config;
  try {
    config = to_json(trial.config).dump();
  } catch (const Json::exception& error) {
    fail<StoreError>("{}: a text that is not UTF-8 cannot be stored: {}",
                     impl.place(study, trial.number), error.what());
  }
  impl.write([&] {
    sqlite::Connection& db = *impl.db;
    if (trial.number < 0)
      fail<StoreError>("{}: a trial's number is 0 or more", impl.place(study, trial.number));
    if (db.run("UPDATE study SET added = added + 1 WHERE id = ?", study) == 0)
      impl.need_study(study);
    if (auto row =
            db.query("SELECT 1 FROM trial WHERE study = ? AND number = ?", study, trial.number);
        row.next()) {
      fail<StoreError>("{} is there already", impl.place(study, trial.number));
    }
    const auto fit = std::as_bytes(std::span(trial.fit));
    db.run(
        "INSERT INTO trial (study, number, kind, state, parent, enqueued, seed, config_crc, "
        "config) "
        "VALUES (?, ?, ?, 'waiting', ?, ?, ?, ?, ?)",
        study, trial.number, trial.kind, trial.parent, trial.enqueued,
        std::bit_cast<std::int64_t>(trial.seed), config_crc(trial, config), config);
    if (!trial.fit.empty()) db.run("INSERT INTO fit VALUES (?, ?, ?)", study, trial.number, fit);
    std::string columns = "number", marks = "?";
    std::vector<Value> values{std::int64_t{trial.number}};
    auto params = db.query("SELECT k, name, type FROM param WHERE study = ? ORDER BY k", study);
    while (params.next()) {
      const Value* value = trial.config.find(params.text(1));
      if (!value) continue;
      columns += fmt::format(", p{}", params.integer(0));
      marks += ", ?";
      values.push_back(*value);
    }
    auto insert = db.query_values(
        fmt::format("INSERT INTO {} ({}) VALUES ({})", params_table(study), columns, marks),
        values);
    insert.next();
  });
}

void Store::set_running(StudyId study, int number, const std::string& device,
                        const std::string& device_kind) {
  impl_->write([&] {
    const TrialRecord trial = impl_->need_trial(study, number);
    if (is_finished(trial.state)) {
      fail<StoreError>("{} is {}; it cannot run again", impl_->place(study, number),
                       to_text(trial.state));
    }
    const double now = SystemClock().wall();
    impl_->db->run(
        "UPDATE trial SET state = 'running', device = ?, device_kind = ?, started = "
        "coalesce(started, ?), mark = ?, "
        "lease_owner = ?, fence = fence + 1, reason = '' WHERE study = ? AND number = ?",
        device, device_kind, now, now, lease_owner(), study, number);
  });
}

void Store::Impl::account(StudyId study, int number, std::optional<double> seconds,
                          bool stretch_ends) {
  if (seconds) {  // the step says itself how long it took
    db->run("UPDATE trial SET seconds = seconds + ?, mark = NULL WHERE study = ? AND number = ?",
            *seconds, study, number);
    return;
  }
  const double now = SystemClock().wall();
  db->run(
      "UPDATE trial SET seconds = seconds + max(0, ? - mark), mark = ? WHERE study = ? AND number "
      "= ? AND mark NOT NULL",
      now, stretch_ends ? std::optional<double>() : std::optional<double>(now), study, number);
}

void Store::set_state(StudyId study, int number, State state, const std::string& reason) {
  impl_->write([&] {
    const TrialRecord trial = impl_->need_trial(study, number);
    if (is_finished(state) || is_finished(trial.state) || state == State::running) {
      fail<StoreError>("{} cannot go from {} to {}", impl_->place(study, number),
                       to_text(trial.state), to_text(state));
    }
    impl_->account(study, number, std::nullopt, true);
    impl_->db->run(
        "UPDATE trial SET state = ?, reason = ?, lease_owner = NULL WHERE study = ? AND number = ?",
        to_text(state), reason, study, number);
  });
}

void Store::finish_trial(StudyId study, int number, const TrialEnd& end) {
  Impl& impl = *impl_;
  impl.write([&] {
    sqlite::Connection& db = *impl.db;
    TrialRecord trial = impl.need_trial(study, number);
    if (is_finished(trial.state) || !is_finished(end.state)) {
      fail<StoreError>("{} cannot go from {} to {}", impl.place(study, number),
                       to_text(trial.state), to_text(end.state));
    }
    impl.account(study, number, std::nullopt, true);
    const auto rows = impl.hot_rows(study, number);
    const std::uint32_t curves = impl.seal(study, number, rows);
    impl.write_metrics(study, number, end, rows);
    for (std::size_t k = 0; k < end.objectives.size(); ++k) {
      db.run("INSERT INTO objective VALUES (?, ?, ?, ?)", study, number, static_cast<int>(k),
             end.objectives[k]);
    }
    db.run(
        "UPDATE trial SET state = ?, value = ?, best_step = ?, ended = ?, reason = ?, weights_hash "
        "= ?, "
        "lease_owner = NULL, curve_crc = ? WHERE study = ? AND number = ?",
        to_text(end.state), end.value, end.best_step, SystemClock().wall(), end.reason,
        end.weights_hash, curves, study, number);
    drop_checkpoint(study, number, "resume");
    if (end.state != State::completed) drop_checkpoint(study, number, "best");
    std::uint32_t crc = 0;
    {
      auto row = db.query(fmt::format("{} WHERE t.study = ? AND t.number = ?", select_trial), study,
                          number);
      row.next();
      crc = finished_crc(row);
    }
    db.run("UPDATE trial SET crc = ? WHERE study = ? AND number = ?", crc, study, number);
  });
}

}  // namespace vernier::store
