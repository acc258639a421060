#include "store/curve/codec.h"

#include <bit>

#include "core/error.h"
#include "core/hash.h"
#include "store/curve/bytes.h"

namespace vernier::store {
namespace {

constexpr std::uint8_t wide_bit = 1;      // values are f64
constexpr std::uint8_t explicit_bit = 2;  // steps are listed
constexpr std::uint8_t chunk_version = 1;

bool is_float(double value) {
  return std::bit_cast<std::uint64_t>(static_cast<double>(static_cast<float>(value))) ==
         std::bit_cast<std::uint64_t>(value);
}

void put_values(ByteWriter& out, std::span<const double> values, bool wide) {
  if (wide) return out.put_all(values);
  std::vector<float> narrow(values.begin(), values.end());
  out.put_all(std::span<const float>(narrow));
}

double get_value(ByteReader& in, bool wide) {
  return wide ? in.get<double>() : static_cast<double>(in.get<float>());
}

std::uint32_t row_crc(std::span<const std::byte> bytes, int number, int step) {
  const std::int32_t key[2] = {number, step};
  return crc32c(bytes, crc32c(std::as_bytes(std::span(key))));
}

}  // namespace

std::vector<std::byte> pack_row(const HotRow& row, int number, int step) {
  std::vector<double> values;
  bool wide = false;
  for (const auto* part : {&row.results, &row.timings}) {
    for (const auto& [id, value] : *part) {
      values.push_back(value);
      wide = wide || !is_float(value);
    }
  }
  ByteWriter out;
  out.put<std::uint8_t>(wide ? wide_bit : 0);
  out.put(static_cast<std::uint16_t>(row.results.size()));
  out.put(static_cast<std::uint16_t>(row.timings.size()));
  for (const auto* part : {&row.results, &row.timings}) {
    for (const auto& [id, value] : *part) out.put(static_cast<std::uint32_t>(id));
  }
  put_values(out, values, wide);
  out.put(row_crc(out.view(), number, step));
  return out.take();
}

HotRow unpack_row(std::span<const std::byte> bytes, int number, int step) {
  if (bytes.size() < 9) throw StoreError("damaged row: too short");
  const auto body = bytes.first(bytes.size() - 4);
  ByteReader tail(bytes.subspan(body.size()));
  if (tail.get<std::uint32_t>() != row_crc(body, number, step))
    throw StoreError("damaged row: checksum");
  ByteReader in(body);
  const bool wide = in.get<std::uint8_t>() & wide_bit;
  HotRow row;
  row.results.resize(in.get<std::uint16_t>());
  row.timings.resize(in.get<std::uint16_t>());
  if (in.left() != (row.results.size() + row.timings.size()) * (wide ? 12 : 8)) {
    throw StoreError("damaged row: wrong length");
  }
  for (auto* part : {&row.results, &row.timings}) {
    for (auto& item : *part) item.first = in.get<std::uint32_t>();
  }
  for (auto* part : {&row.results, &row.timings}) {
    for (auto& item : *part) item.second = get_value(in, wide);
  }
  return row;
}

std::vector<std::byte> pack_chunk(const Chunk& chunk) {
  const auto& steps = chunk.steps;
  bool wide = false, regular = true;
  for (const double value : chunk.values) wide = wide || !is_float(value);
  const std::int64_t stride = steps.size() > 1 ? std::int64_t{steps[1]} - steps[0] : 1;
  for (std::size_t i = 1; i < steps.size(); ++i) {
    regular = regular && std::int64_t{steps[i]} - steps[i - 1] == stride;
  }
  ByteWriter out;
  out.put(chunk_version);
  out.put(static_cast<std::uint8_t>((wide ? wide_bit : 0) | (regular ? 0 : explicit_bit)));
  out.put(static_cast<std::uint32_t>(steps.size()));
  if (regular) {
    out.put(static_cast<std::int32_t>(steps.empty() ? 0 : steps[0]));
    out.put(static_cast<std::int32_t>(stride));
  } else {
    for (const int step : steps) out.put(static_cast<std::int32_t>(step));
  }
  put_values(out, chunk.values, wide);
  return out.take();
}

Chunk unpack_chunk(std::span<const std::byte> bytes) {
  ByteReader in(bytes);
  if (in.get<std::uint8_t>() != chunk_version) throw StoreError("damaged chunk: unknown version");
  const auto flags = in.get<std::uint8_t>();
  const std::size_t count = in.get<std::uint32_t>();
  const bool wide = flags & wide_bit, listed = flags & explicit_bit;
  const std::size_t expected = (listed ? 4 * count : 8) + count * (wide ? 8 : 4);
  if (flags > 3 || in.left() != expected) throw StoreError("damaged chunk: wrong length");
  Chunk chunk;
  chunk.steps.resize(count);
  chunk.values.resize(count);
  if (listed) {
    for (int& step : chunk.steps) step = in.get<std::int32_t>();
  } else {
    std::int64_t step = in.get<std::int32_t>();
    const std::int64_t stride = in.get<std::int32_t>();
    for (int& each : chunk.steps) {
      each = static_cast<int>(step);
      step += stride;
    }
  }
  for (double& value : chunk.values) value = get_value(in, wide);
  return chunk;
}

std::uint32_t chunk_crc(int number, std::string_view metric, std::span<const std::byte> bytes) {
  const std::int32_t key[2] = {number, static_cast<std::int32_t>(metric.size())};
  return crc32c(bytes, crc32c(metric, crc32c(std::as_bytes(std::span(key)))));
}

}  // namespace vernier::store
