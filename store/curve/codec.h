// How measurements lie in the file (store/FORMAT.md): one packed row per trial and step while it runs, and sealed chunks
// per trial and metric at its end. All little-endian; f32 where every value is exactly a float, else f64; CRC-32C.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace vernier::store {

/// (metric id, value) in the order they were reported.
using MetricValues = std::vector<std::pair<std::uint32_t, double>>;

struct HotRow {
  MetricValues results, timings;
};

/// `number` and `step` are part of the checksum: a row that is found under another key is damaged.
std::vector<std::byte> pack_row(const HotRow& row, int number, int step);
/// Throws StoreError "damaged row" without a place; the caller adds file and trial.
HotRow unpack_row(std::span<const std::byte> bytes, int number, int step);

/// One metric of one trial over its steps, ascending.
struct Chunk {
  std::vector<int> steps;
  std::vector<double> values;
};

std::vector<std::byte> pack_chunk(const Chunk& chunk);
/// Throws StoreError "damaged chunk" where the bytes make no sense.
Chunk unpack_chunk(std::span<const std::byte> bytes);
/// CRC-32C over number, metric's name and bytes.
std::uint32_t chunk_crc(int number, std::string_view metric, std::span<const std::byte> bytes);

}  // namespace vernier::store
