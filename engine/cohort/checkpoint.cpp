#include "engine/cohort/checkpoint.h"

#include <bit>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "core/hash.h"
#include "core/text.h"

namespace vernier::engine {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the file is written as it lies in memory");

constexpr std::string_view magic = "VRNRCKPT";
constexpr std::uint32_t version = 1;
constexpr std::uint8_t float32 = 0, float64 = 1, int64 = 2, text8 = 3;
constexpr std::size_t max_rank = 8, header_bytes = 24, crc_bytes = 4;

std::size_t element_bytes(std::uint8_t type) { return type == float32 ? 4 : type == text8 ? 1 : 8; }

void put(std::vector<std::byte>& out, const void* data, std::size_t bytes) {
  const std::size_t at = out.size();
  out.resize(at + bytes);
  if (bytes > 0) std::memcpy(out.data() + at, data, bytes);
}
template <class T>
void put(std::vector<std::byte>& out, T value) {
  put(out, &value, sizeof value);
}

/// Reads forward through the table; never leaves it.
class Cursor {
 public:
  Cursor(std::span<const std::byte> bytes, std::size_t at) : bytes_(bytes), at_(at) {}
  template <class T>
  T take() {
    T value;
    std::memcpy(&value, bytes(sizeof value).data(), sizeof value);
    return value;
  }
  std::span<const std::byte> bytes(std::size_t count) {
    if (count > bytes_.size() - at_) {
      fail<UsageError>("[checkpoint] the table of tensors ends at byte {}; expected more of it",
                       bytes_.size());
    }
    at_ += count;
    return bytes_.subspan(at_ - count, count);
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_;
};

}  // namespace

void CheckpointWriter::append(const std::string& name, std::uint8_t type,
                              std::vector<std::int64_t> shape, const void* data,
                              std::size_t bytes) {
  data_.resize((data_.size() + 7) / 8 * 8);
  entries_.push_back({name, type, std::move(shape), data_.size(), bytes});
  put(data_, data, bytes);
}

void CheckpointWriter::add(const std::string& name, std::span<const float> data,
                           std::vector<std::int64_t> shape) {
  append(name, float32, std::move(shape), data.data(), data.size_bytes());
}
void CheckpointWriter::add(const std::string& name, std::span<const double> data) {
  append(name, float64, {static_cast<std::int64_t>(data.size())}, data.data(), data.size_bytes());
}
void CheckpointWriter::add(const std::string& name, std::span<const std::int64_t> data) {
  append(name, int64, {static_cast<std::int64_t>(data.size())}, data.data(), data.size_bytes());
}
void CheckpointWriter::add(const std::string& name, std::string_view text) {
  append(name, text8, {static_cast<std::int64_t>(text.size())}, text.data(), text.size());
}

std::vector<std::byte> CheckpointWriter::finish() const {
  std::size_t table = header_bytes;
  for (const Entry& e : entries_) table += 2 + e.name.size() + 2 + 8 * e.shape.size() + 8;
  const std::size_t start = (table + 7) / 8 * 8;
  const std::size_t total = start + data_.size() + crc_bytes;
  std::vector<std::byte> out;
  out.reserve(total);
  put(out, magic.data(), magic.size());
  put(out, version);
  put(out, static_cast<std::uint32_t>(entries_.size()));
  put(out, static_cast<std::uint64_t>(total));
  for (const Entry& e : entries_) {
    put(out, static_cast<std::uint16_t>(e.name.size()));
    put(out, e.name.data(), e.name.size());
    put(out, e.type);
    put(out, static_cast<std::uint8_t>(e.shape.size()));
    for (std::int64_t d : e.shape) put(out, d);
    put(out, static_cast<std::uint64_t>(start + e.offset));
  }
  out.resize(start);
  put(out, data_.data(), data_.size());
  put(out, crc32c(out));
  return out;
}

CheckpointReader::CheckpointReader(std::span<const std::byte> file) {
  if (file.size() < header_bytes + crc_bytes ||
      std::memcmp(file.data(), magic.data(), magic.size()) != 0) {
    fail<UsageError>(
        "[checkpoint] {} bytes do not start with '{}'; expected a checkpoint of Vernier",
        file.size(), magic);
  }
  Cursor cursor(file.first(file.size() - crc_bytes), magic.size());
  const auto found_version = cursor.take<std::uint32_t>();
  if (found_version != version) {
    fail<UsageError>("[checkpoint] version {}; expected {}", found_version, version);
  }
  const auto count = cursor.take<std::uint32_t>();
  const auto total = cursor.take<std::uint64_t>();
  if (total != file.size()) {
    fail<UsageError>("[checkpoint] {} bytes; expected {}: it is cut off or has something after it",
                     file.size(), total);
  }
  std::uint32_t stored = 0;
  std::memcpy(&stored, file.data() + file.size() - crc_bytes, crc_bytes);
  const std::uint32_t computed = crc32c(file.first(file.size() - crc_bytes));
  if (stored != computed) {
    fail<UsageError>("[checkpoint] checksum {:08x}; expected {:08x}: the file is damaged", computed,
                     stored);
  }
  const std::size_t end = file.size() - crc_bytes;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto name = cursor.bytes(cursor.take<std::uint16_t>());
    Entry entry;
    entry.type = cursor.take<std::uint8_t>();
    const auto rank = cursor.take<std::uint8_t>();
    bool sound = entry.type <= text8 && rank <= max_rank;
    std::size_t bytes = sound ? element_bytes(entry.type) : 0;
    for (int d = 0; d < rank; ++d) {
      const auto size = cursor.take<std::int64_t>();
      entry.shape.push_back(size);
      sound = sound && size >= 0 &&
              (size == 0 || bytes <= end / static_cast<std::size_t>(size));  // no overflow
      if (sound) bytes *= static_cast<std::size_t>(size);
    }
    const auto offset = cursor.take<std::uint64_t>();
    if (!sound || offset > end || bytes > end - offset) {
      fail<UsageError>(
          "[checkpoint] tensor {} of {} does not lie in the file; expected within {} bytes", i + 1,
          count, end);
    }
    entry.data = file.subspan(offset, bytes);
    entries_[std::string(reinterpret_cast<const char*>(name.data()), name.size())] =
        std::move(entry);
  }
}

const CheckpointReader::Entry& CheckpointReader::find(const std::string& name,
                                                      std::uint8_t type) const {
  const auto it = entries_.find(name);
  if (it == entries_.end() || it->second.type != type) {
    fail<UsageError>("[checkpoint] no '{}' in it; expected that of the same network and optimizer",
                     name);
  }
  return it->second;
}

void CheckpointReader::read(const std::string& name, std::span<float> to,
                            const std::vector<std::int64_t>& shape) const {
  const Entry& entry = find(name, float32);
  if (entry.shape != shape || entry.data.size() != to.size_bytes()) {
    fail<UsageError>("[checkpoint] '{}' has {} bytes in another shape; expected {}", name,
                     entry.data.size(), to.size_bytes());
  }
  std::memcpy(to.data(), entry.data.data(), entry.data.size());
}

std::vector<double> CheckpointReader::numbers(const std::string& name, std::size_t count) const {
  const Entry& entry = find(name, float64);
  std::vector<double> values(count);
  if (entry.data.size() != count * sizeof(double)) {
    fail<UsageError>("[checkpoint] '{}' has {} bytes; expected {}", name, entry.data.size(),
                     count * sizeof(double));
  }
  std::memcpy(values.data(), entry.data.data(), entry.data.size());
  return values;
}

std::vector<std::int64_t> CheckpointReader::integers(const std::string& name,
                                                     std::size_t count) const {
  const Entry& entry = find(name, int64);
  std::vector<std::int64_t> values(count);
  if (entry.data.size() != count * sizeof(std::int64_t)) {
    fail<UsageError>("[checkpoint] '{}' has {} bytes; expected {}", name, entry.data.size(),
                     count * sizeof(std::int64_t));
  }
  std::memcpy(values.data(), entry.data.data(), entry.data.size());
  return values;
}

std::string CheckpointReader::text(const std::string& name) const {
  const Entry& entry = find(name, text8);
  return {reinterpret_cast<const char*>(entry.data.data()), entry.data.size()};
}

}  // namespace vernier::engine
