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
  hyper
};
}  // namespace

const std::string_view select_trial =
    "SELECT t.number, t.kind, t.state, t.value, t.best_step, t.steps, t.seconds, t.started, "
    "t.ended, t.device, "
    "t.device_kind, t.reason, t.weights_hash, t.parent, t.enqueued, t.seed, t.config_crc, "
    "t.curve_crc, t.crc, t.config, "
    "fit.hyper FROM trial t LEFT JOIN fit ON fit.study = t.study AND fit.number = t.number";

std::uint32_t config_crc(const NewTrial& trial, std::string_view config_text) {
  Checksum checksum;
  checksum.add(std::int64_t{trial.number})
      .add(trial.kind)
      .add_int(trial.parent)
      .add(std::int64_t{trial.enqueued});
  checksum.add(std::bit_cast<std::int64_t>(trial.seed)).add(config_text);
  return checksum.add(std::as_bytes(std::span(trial.fit))).value();
}

std::uint32_t finished_crc(const sqlite::Cursor& row) {
  const auto integer = [&](int column) -> std::optional<std::int64_t> {
    if (row.is_null(column)) return std::nullopt;
    return row.integer(column);
  };
  Checksum checksum;
  checksum.add(row.integer(config_sum))
      .add(row.text(state))
      .add_real(row.maybe_real(value))
      .add_int(integer(best_step));
  checksum.add(row.integer(steps))
      .add_real(row.maybe_real(seconds))
      .add_real(row.maybe_real(started));
  checksum.add_real(row.maybe_real(ended))
      .add(row.text(device))
      .add(row.text(device_kind))
      .add(row.text(reason));
  return checksum.add(row.text(weights_hash)).add_int(integer(curve_sum)).value();
}

const char* decode_trial(const sqlite::Cursor& row, TrialRecord& trial) {
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
    return "the checksum of its configuration differs";
  }
  try {
    trial.state = state_from_text(row.text(state));
    trial.config = config_from_json(Json::parse(text));
  } catch (const std::exception&) {
    return "its state or configuration cannot be read";
  }
  if (is_finished(trial.state) ? row.is_null(sum) || row.integer(sum) != finished_crc(row)
                               : !row.is_null(sum)) {
    return "the checksum of its result differs";
  }
  trial.value = row.maybe_real(value);
  trial.best_step = row.maybe_int(best_step);
  trial.steps = static_cast<int>(row.integer(steps));
  trial.seconds = row.is_null(seconds) ? 0 : row.real(seconds);
  trial.started = row.maybe_real(started);
  trial.ended = row.maybe_real(ended);
  trial.device = row.text(device);
  trial.device_kind = row.text(device_kind);
  trial.reason = row.text(reason);
  trial.weights_hash = row.text(weights_hash);
  return nullptr;
}

}  // namespace vernier::store
