// One row of table trial, and its two checksums.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "store/records.h"
#include "store/sqlite/connection.h"

namespace vernier::store {

/// SELECT ... FROM trial t LEFT JOIN fit: the columns that decode_trial and finished_crc read. WHERE is the caller's.
extern const std::string_view select_trial;

/// Over what is fixed when a trial is added: number, kind, parent, enqueued, seed, config, fit.
std::uint32_t config_crc(const NewTrial& trial, std::string_view config);

/// Over the whole finished row: config_crc, state, value, best_step, steps, seconds, started, ended, device, device_kind,
/// reason, weights_hash, curve_crc, rows_crc.
struct FinishedRow {
  std::int64_t number = 0;
  std::uint32_t config_crc = 0;
  std::string state;
  std::optional<double> value;
  std::optional<std::int64_t> best_step;
  std::int64_t steps = 0;
  std::optional<double> seconds, started, ended;
  std::string device, device_kind, reason, weights_hash;
  std::optional<std::int64_t> curve_crc, rows_crc;
};
std::uint32_t finished_crc(const FinishedRow& row);
std::uint32_t finished_crc(const sqlite::Cursor& row);

/// Over what else belongs to a trial: its rows in params_N, metrics_N, objective and rung.
std::uint32_t rows_crc(const sqlite::Connection& db, std::int64_t study, std::int64_t trial);

/// What is wrong with a row of table trial: of `result`, the configuration is whole.
enum class RowDamage { none, configuration, state, result };
/// "the checksum of its configuration differs"
const char* to_text(RowDamage damage);
RowDamage decode_trial(const sqlite::Cursor& row, TrialRecord& trial);

}  // namespace vernier::store
