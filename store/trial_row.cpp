#include "store/trial_row.h"

#include <bit>
#include <cstring>

#include "core/error.h"
#include "store/checksum.h"

namespace vernier::store {

namespace {
enum Column {
  number,
  kind,
  state,
  value,
  best_step,
  steps,
  seconds,
  started,
  ended,
  device,
  device_kind,
  reason,
  weights_hash,
  parent,
  enqueued,
  seed,
  config_sum,
  curve_sum,
  sum,
  config,
  hyper,
  rows_sum,
  origin
};
}  // namespace

const std::string_view select_trial =
    "SELECT t.number, t.kind, t.state, t.value, t.best_step, t.steps, t.seconds, t.started, "
    "t.ended, t.device, "
    "t.device_kind, t.reason, t.weights_hash, t.parent, t.enqueued, t.seed, t.config_crc, "
    "t.curve_crc, t.crc, t.config, "
    "fit.hyper, t.rows_crc, t.origin FROM trial t LEFT JOIN fit ON fit.study = t.study AND "
    "fit.number = t.number";

std::uint32_t config_crc(const NewTrial& trial, std::string_view config_text) {
  Checksum checksum;
  checksum.add(std::int64_t{trial.number})
      .add(trial.kind)
      .add_int(trial.parent)
      .add(std::int64_t{trial.enqueued});
  checksum.add(std::bit_cast<std::int64_t>(trial.seed)).add(config_text);
  return checksum.add(std::as_bytes(std::span(trial.fit))).value();
}

std::uint32_t rows_crc(const sqlite::Connection& db, std::int64_t study, std::int64_t trial) {
  Checksum checksum;
  const auto add_rows = [&](const std::string& sql, auto... keys) {
    auto row = db.query(sql, keys...);
    while (row.next()) {
      const int columns = row.columns();
      // Columns that a later metric adds are null in older rows: they change nothing.
      for (int i = 0; i < columns; ++i) {
        const Value cell = row.value(i);
        if (const auto* integer = std::get_if<std::int64_t>(&cell))
          checksum.add(std::int64_t{4 * i + 1}).add(*integer);
        if (const auto* real = std::get_if<double>(&cell))
          checksum.add(std::int64_t{4 * i + 2}).add(std::bit_cast<std::int64_t>(*real));
        if (const auto* text = std::get_if<std::string>(&cell))
          checksum.add(std::int64_t{4 * i + 3}).add(std::string_view(*text));
      }
      checksum.add(std::int64_t{0});
    }
    checksum.add(std::int64_t{-1});
  };
  add_rows(fmt::format("SELECT * FROM params_{} WHERE number = ?", study), trial);
  add_rows(fmt::format("SELECT * FROM metrics_{} WHERE number = ?", study), trial);
  add_rows("SELECT k, value FROM objective WHERE study = ? AND number = ? ORDER BY k", study,
           trial);
  add_rows("SELECT step, value FROM rung WHERE study = ? AND number = ? ORDER BY step", study,
           trial);
  return checksum.value();
}

std::uint32_t finished_crc(const FinishedRow& row) {
  Checksum checksum;
  checksum.add(std::int64_t{row.config_crc})
      .add(row.state)
      .add_real(row.value)
      .add_int(row.best_step)
      .add(row.steps)
      .add_real(row.seconds)
      .add_real(row.started)
      .add_real(row.ended)
      .add(row.device)
      .add(row.device_kind)
      .add(row.reason)
      .add(row.weights_hash)
      .add_int(row.curve_crc);
  // Rows of version 1 that were damaged when the file was migrated have none.
  if (row.rows_crc) checksum.add(*row.rows_crc);
  return checksum.value();
}

namespace {

/// What the checksum of a finished trial covers, of a trial in any state.
FinishedRow finished_row(const sqlite::Cursor& row) {
  const auto integer = [&](int column) -> std::optional<std::int64_t> {
    if (row.is_null(column)) return std::nullopt;
    return row.integer(column);
  };
  FinishedRow finished;
  finished.number = row.integer(number);
  finished.config_crc = static_cast<std::uint32_t>(row.integer(config_sum));
  finished.state = row.text(state);
  finished.value = row.maybe_real(value);
  finished.best_step = integer(best_step);
  finished.steps = row.integer(steps);
  finished.seconds = row.maybe_real(seconds);
  finished.started = row.maybe_real(started);
  finished.ended = row.maybe_real(ended);
  finished.device = row.text(device);
  finished.device_kind = row.text(device_kind);
  finished.reason = row.text(reason);
  finished.weights_hash = row.text(weights_hash);
  finished.curve_crc = integer(curve_sum);
  finished.rows_crc = integer(rows_sum);
  return finished;
}

}  // namespace

std::uint32_t finished_crc(const sqlite::Cursor& row) { return finished_crc(finished_row(row)); }

const char* to_text(RowDamage damage) {
  switch (damage) {
    case RowDamage::configuration:
      return "the checksum of its configuration differs";
    case RowDamage::state:
      return "its state or configuration cannot be read";
    case RowDamage::result:
      return "the checksum of its result differs";
    case RowDamage::none:
      break;
  }
  return "";
}

RowDamage decode_trial(const sqlite::Cursor& row, TrialRecord& trial) {
  trial.number = static_cast<int>(row.integer(number));
  trial.kind = row.text(kind);
  trial.parent = row.maybe_int(parent);
  trial.enqueued = row.integer(enqueued) != 0;
  trial.seed = std::bit_cast<std::uint64_t>(row.integer(seed));
  const auto fit = row.blob(hyper);
  trial.fit.resize(fit.size() / sizeof(double));
  if (!trial.fit.empty())
    std::memcpy(trial.fit.data(), fit.data(), trial.fit.size() * sizeof(double));
  const std::string text = row.text(config);
  if (fit.size() % sizeof(double) != 0 || row.integer(config_sum) != config_crc(trial, text)) {
    return RowDamage::configuration;
  }
  FinishedRow rest = finished_row(row);
  try {
    trial.state = state_from_text(rest.state);
    trial.config = config_from_json(Json::parse(text));
  } catch (const std::exception&) {
    return RowDamage::state;
  }
  if (is_finished(trial.state) ? row.is_null(sum) || row.integer(sum) != finished_crc(rest)
                               : !row.is_null(sum)) {
    return RowDamage::result;
  }
  trial.value = rest.value;
  trial.best_step = row.maybe_int(best_step);
  trial.steps = static_cast<int>(rest.steps);
  trial.seconds = rest.seconds.value_or(0);
  trial.started = rest.started;
  trial.ended = rest.ended;
  trial.device = std::move(rest.device);
  trial.device_kind = std::move(rest.device_kind);
  trial.reason = std::move(rest.reason);
  trial.weights_hash = std::move(rest.weights_hash);
  trial.origin = row.maybe_real(origin);
  return RowDamage::none;
}

}  // namespace vernier::store
