#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

#include "core/clock.h"
#include "core/error.h"
#include "core/text.h"
#include "store/checksum.h"
#include "store/impl.h"
#include "store/trial_row.h"

namespace vernier::store {

TrialRecord Store::Impl::read_trial(StudyId study, const sqlite::Cursor& row) const {
  TrialRecord trial;
  if (const RowDamage damage = decode_trial(row, trial); damage != RowDamage::none)
    damaged(study, static_cast<int>(row.integer(0)), to_text(damage));
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

State Store::Impl::need_state(StudyId study, int number) const {
  auto row = db->query("SELECT state FROM trial WHERE study = ? AND number = ?", study, number);
  if (!row.next()) return need_trial(study, number).state;
  return state_from_text(row.text(0));
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
  FinishedRow row;
  row.state = to_text(State::waiting);
  impl_->write([&] { impl_->insert_trial(study, trial, row); });
}

std::string Store::Impl::config_text(StudyId study, const NewTrial& trial) const {
  try {
    return to_json(trial.config).dump();
  } catch (const Json::exception& error) {
    fail<StoreError>("{}: a text that is not UTF-8 cannot be stored: {}",
                     place(study, trial.number), error.what());
  }
}

void Store::set_config(StudyId study, int number, const Config& config) {
  Impl& impl = *impl_;
  impl.write([&] {
    TrialRecord trial = impl.need_trial(study, number);
    if (is_finished(trial.state)) {
      fail<StoreError>("{} is {}; its settings stay", impl.place(study, number),
                       to_text(trial.state));
    }
    trial.config = config;
    const std::string text = impl.config_text(study, trial);
    impl.db->run("UPDATE trial SET config = ?, config_crc = ? WHERE study = ? AND number = ?", text,
                 config_crc(trial, text), study, number);
    impl.db->run(fmt::format("DELETE FROM {} WHERE number = ?", params_table(study)), number);
    impl.insert_params(study, trial);
  });
}

std::uint32_t Store::Impl::insert_trial(StudyId study, const NewTrial& trial,
                                        const FinishedRow& row) {
  const std::string config = config_text(study, trial);
  if (trial.number < 0)
    fail<StoreError>("{}: a trial's number is 0 or more", place(study, trial.number));
  if (auto there =
          db->query("SELECT 1 FROM trial WHERE study = ? AND number = ?", study, trial.number);
      there.next()) {
    fail<StoreError>("{} is there already", place(study, trial.number));
  }
  if (db->run("UPDATE study SET added = added + 1 WHERE id = ?", study) == 0) need_study(study);
  const auto fit = std::as_bytes(std::span(trial.fit));
  const std::uint32_t crc = config_crc(trial, config);
  db->run(
      "INSERT INTO trial (study, number, kind, parent, enqueued, seed, config_crc, config, state, "
      "value, best_step, steps, seconds, started, ended, device, device_kind, reason, "
      "weights_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      study, trial.number, trial.kind, trial.parent, trial.enqueued,
      std::bit_cast<std::int64_t>(trial.seed), crc, config, row.state, row.value, row.best_step,
      row.steps, row.seconds.value_or(0), row.started, row.ended, row.device, row.device_kind,
      row.reason, row.weights_hash);
  if (!trial.fit.empty()) db->run("INSERT INTO fit VALUES (?, ?, ?)", study, trial.number, fit);
  insert_params(study, trial);
  return crc;
}

void Store::Impl::insert_params(StudyId study, const NewTrial& trial) {
  std::string columns = "number", marks = "?";
  std::vector<Value> values{std::int64_t{trial.number}};
  auto params = db->query("SELECT k, name FROM param WHERE study = ? ORDER BY k", study);
  while (params.next()) {
    const Value* value = trial.config.find(params.text(1));
    if (!value) continue;
    columns += fmt::format(", p{}", params.integer(0));
    marks += ", ?";
    values.push_back(*value);
  }
  auto insert = db->query_values(
      fmt::format("INSERT INTO {} ({}) VALUES ({})", params_table(study), columns, marks), values);
  insert.next();
}

void Store::set_running(StudyId study, int number, const std::string& device,
                        const std::string& device_kind, std::optional<double> origin) {
  impl_->write([&] {
    if (const State state = impl_->need_state(study, number); is_finished(state)) {
      fail<StoreError>("{} is {}; it cannot run again", impl_->place(study, number),
                       to_text(state));
    }
    const double now = SystemClock().wall();
    impl_->db->run(
        "UPDATE trial SET state = 'running', device = ?, device_kind = ?, started = "
        "coalesce(started, ?), mark = ?, "
        "lease_owner = ?, origin = ?, fence = fence + 1, reason = '' WHERE study = ? AND number = "
        "?",
        device, device_kind, now, now, impl_->owner, origin, study, number);
  });
}

void Store::Impl::end_stretch(StudyId study, int number) {
  db->run(
      "UPDATE trial SET seconds = seconds + max(0, ? - mark), mark = NULL WHERE study = ? AND "
      "number "
      "= ? AND mark NOT NULL",
      SystemClock().wall(), study, number);
}

void Store::set_state(StudyId study, int number, State state, const std::string& reason) {
  impl_->write([&] {
    const State before = impl_->need_state(study, number);
    if (is_finished(state) || is_finished(before) || state == State::running) {
      fail<StoreError>("{} cannot go from {} to {}", impl_->place(study, number), to_text(before),
                       to_text(state));
    }
    impl_->end_stretch(study, number);
    impl_->db->run(
        "UPDATE trial SET state = ?, reason = ?, lease_owner = NULL WHERE study = ? AND number = ?",
        to_text(state), reason, study, number);
  });
}

void Store::Impl::take_end(const TrialEnd& end, FinishedRow& row) {
  row.state = to_text(end.state);
  // SQLite keeps NaN as NULL: the sum is over what will be read.
  if (end.value && !std::isnan(*end.value)) row.value = end.value;
  if (end.best_step) row.best_step = *end.best_step;
  row.reason = end.reason;
  row.weights_hash = end.weights_hash;
}

void Store::Impl::write_end(StudyId study, const TrialEnd& end,
                            const std::vector<MetricColumn>& columns, FinishedRow& row) {
  const int number = static_cast<int>(row.number);
  row.curve_crc = seal(study, number, columns);
  write_metrics(study, number, end, columns);
  for (std::size_t k = 0; k < end.objectives.size(); ++k) {
    db->run("INSERT INTO objective VALUES (?, ?, ?, ?)", study, number, static_cast<int>(k),
            end.objectives[k]);
  }
  row.rows_crc = rows_crc(*db, study, number);
}

void Store::finish_trial(StudyId study, int number, const TrialEnd& end) {
  Impl& impl = *impl_;
  impl.write([&] {
    sqlite::Connection& db = *impl.db;
    FinishedRow row;
    row.number = number;
    {
      auto found = db.query(
          "SELECT state, config_crc, steps, seconds, mark, started, device, device_kind FROM trial "
          "WHERE study = ? AND number = ?",
          study, number);
      if (!found.next()) impl.need_trial(study, number);
      const State state = state_from_text(found.text(0));
      if (is_finished(state) || !is_finished(end.state)) {
        fail<StoreError>("{} cannot go from {} to {}", impl.place(study, number), to_text(state),
                         to_text(end.state));
      }
      row.config_crc = static_cast<std::uint32_t>(found.integer(1));
      row.steps = found.integer(2);
      row.ended = SystemClock().wall();
      row.seconds = found.real(3);
      if (!found.is_null(4)) *row.seconds += std::max(0.0, *row.ended - found.real(4));
      row.started = found.maybe_real(5);
      row.device = found.text(6);
      row.device_kind = found.text(7);
    }
    Impl::take_end(end, row);
    impl.write_end(study, end, impl.hot_columns(study, number), row);
    db.run("DELETE FROM epoch_hot WHERE study = ? AND number = ?", study, number);
    db.run(
        "UPDATE trial SET state = ?, value = ?, best_step = ?, seconds = ?, mark = NULL, ended = "
        "?, "
        "reason = ?, weights_hash = ?, lease_owner = NULL, curve_crc = ?, rows_crc = ?, crc = ? "
        "WHERE study = ? AND number = ?",
        row.state, row.value, row.best_step, row.seconds, row.ended, row.reason, row.weights_hash,
        row.curve_crc, row.rows_crc, finished_crc(row), study, number);
    drop_checkpoint(study, number, "resume");
    if (end.state != State::completed) drop_checkpoint(study, number, "best");
  });
}

void Store::add_finished(StudyId study, const NewTrial& trial, const TrialRun& run,
                         std::span<const Series> curves, const TrialEnd& end) {
  Impl& impl = *impl_;
  if (!is_finished(end.state)) {
    fail<StoreError>("{}: '{}' is no end of a trial", impl.place(study, trial.number),
                     to_text(end.state));
  }
  impl.write([&] {
    std::vector<MetricColumn> columns;
    FinishedRow row;
    row.number = trial.number;
    for (const bool timing : {false, true}) {
      for (const Series& series : curves) {
        if (series.timing != timing) continue;
        const bool ascending = std::adjacent_find(series.steps.begin(), series.steps.end(),
                                                  std::greater_equal<>()) == series.steps.end();
        if (series.steps.size() != series.values.size() || !ascending ||
            (!series.steps.empty() && series.steps.front() < 0)) {
          fail<StoreError>("{}: the steps of '{}' do not ascend from 0 with a value each",
                           impl.place(study, trial.number), printable(series.metric));
        }
        if (series.steps.empty()) continue;
        columns.push_back({impl.metric_id(study, series.metric, timing), timing,
                           Chunk{series.steps, series.values}});
        row.steps = std::max<std::int64_t>(row.steps, series.steps.back());
      }
    }
    row.device = run.device;
    row.device_kind = run.device_kind;
    row.started = run.started;
    row.ended = run.ended;
    row.seconds = run.seconds;
    Impl::take_end(end, row);
    row.config_crc = impl.insert_trial(study, trial, row);
    impl.write_end(study, end, columns, row);
    impl.db->run(
        "UPDATE trial SET curve_crc = ?, rows_crc = ?, crc = ? WHERE study = ? AND number = ?",
        row.curve_crc, row.rows_crc, finished_crc(row), study, trial.number);
  });
}

}  // namespace vernier::store
