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
/// reason, weights_hash, curve_crc.
std::uint32_t finished_crc(const sqlite::Cursor& row);

/// nullptr, or what is wrong with the row: a checksum, an unknown state, unreadable JSON.
const char* decode_trial(const sqlite::Cursor& row, TrialRecord& trial);

}  // namespace vernier::store
