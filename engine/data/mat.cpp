#include "engine/data/mat.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "engine/data/byte_reader.h"
#include "engine/data/numbers.h"

namespace vernier::engine {
namespace {

constexpr std::size_t header_bytes = 128, most_dimensions = 8, most_name = 256;
constexpr std::uint32_t matrix = 14, compressed = 15, complex_flag = 0x0800, opaque = 17;

std::size_t element_bytes(MatType type) {
  switch (type) {
    case MatType::int8:
    case MatType::uint8:
      return 1;
    case MatType::int16:
    case MatType::uint16:
      return 2;
    case MatType::int32:
    case MatType::uint32:
    case MatType::float32:
      return 4;
    case MatType::float64:
    case MatType::int64:
    case MatType::uint64:
      return 8;
  }
  return 0;
}

/// Type and length of a data element; short ones hold their data within the tag.
struct Tag {
  std::uint32_t type = 0;
  std::size_t bytes = 0;
  bool small = false;
};

/// Reads one variable, plain or inflated on the way.
class Variable {
 public:
  Variable(ByteReader reader, std::size_t offset, const std::string& file)
      : reader_(std::move(reader)), offset_(offset), file_(file) {}

  /// Of a compressed element: its own tag.
  void expect_matrix() {
    const Tag tag = next_tag();
    if (tag.type != matrix || tag.small)
      refuse(fmt::format("an element of type {}", tag.type), "a matrix (type 14)");
  }

  /// Nothing where its name is not among `names`.
  std::optional<std::pair<std::string, MatArray>> read(std::span<const std::string> names) {
    const auto flags = element("array flags", 6, 8);
    if (flags.size() != 8) refuse(fmt::format("array flags of {} bytes", flags.size()), "8 bytes");
    const std::uint32_t word = number_at<std::uint32_t>(flags, 0, false);
    if ((word & 0xFF) == opaque) return std::nullopt;  // has no sizes
    const auto dimensions = element("dimensions", 5, 4 * most_dimensions);
    const auto text = element("a name", 1, most_name);
    std::string name(reinterpret_cast<const char*>(text.data()), text.size());
    if (std::find(names.begin(), names.end(), name) == names.end()) return std::nullopt;
    const std::uint32_t kind = word & 0xFF;
    if (kind < 6 || kind > 15 || (word & complex_flag) != 0)
      refuse(fmt::format("variable '{}' of class {}{}", printable(name), kind,
                         (word & complex_flag) != 0 ? ", complex" : ""),
             "a real array of numbers");
    MatArray array;
    array.offset = offset_;
    std::size_t count = 1;
    for (std::size_t at = 0; at + 4 <= dimensions.size(); at += 4) {
      const auto size = number_at<std::int32_t>(dimensions, at, false);
      if (size < 0 || (size > 0 && count > reader_.bound() / static_cast<std::size_t>(size)))
        refuse(fmt::format("size {} of dimension {} of '{}'", size, at / 4 + 1, printable(name)),
               "0 or more, and no more than the file can hold");
      count *= static_cast<std::size_t>(size);
      array.sizes.push_back(static_cast<std::size_t>(size));
    }
    const Tag tag = next_tag();
    array.type = static_cast<MatType>(tag.type);
    const std::size_t width = element_bytes(array.type);
    if (width == 0) refuse(fmt::format("data of type {}", tag.type), "numbers");
    if (tag.bytes != count * width)
      refuse(fmt::format("{} bytes of data in '{}'", tag.bytes, printable(name)),
             fmt::format("{}: {} numbers of {}", count * width, count, width));
    array.data = data_of(tag);
    // Asking for one byte more also makes zlib verify the stream's checksum.
    if (reader_.compressed()) {
      const std::size_t padding = tag.small ? 0 : (8 - tag.bytes % 8) % 8;
      if (reader_.take(padding + 1).size() > padding)
        refuse("surplus bytes after the data", "the end of the variable");
    }
    return std::pair(std::move(name), std::move(array));
  }

 private:
  [[noreturn]] void refuse(const std::string& found, const std::string& expected) const {
    fail<UsageError>(
        "[{}] byte {}{}: {}; expected {}", file_,
        reader_.compressed() ? reader_.at() : offset_ + reader_.at(),
        reader_.compressed() ? fmt::format(" (inflated, of the variable at {})", offset_) : "",
        found, expected);
  }

  std::vector<std::byte> take(std::size_t n) {
    auto bytes = reader_.take(n);
    if (bytes.size() < n)
      refuse("the variable ends early", fmt::format("{} bytes more", n - bytes.size()));
    return bytes;
  }

  Tag next_tag() {
    const auto bytes = take(8);
    const auto first = number_at<std::uint32_t>(bytes, 0, false);
    if (first >> 16 != 0) {
      if (first >> 16 > 4)
        refuse(fmt::format("a short element of {} bytes", first >> 16), "4 at most");
      std::copy(bytes.begin() + 4, bytes.end(), small_);
      return {first & 0xFFFF, first >> 16, true};
    }
    return {first, number_at<std::uint32_t>(bytes, 4, false), false};
  }

  std::vector<std::byte> data_of(const Tag& tag) {
    if (tag.small) return {small_, small_ + tag.bytes};
    return take(tag.bytes);
  }

  /// One of the elements before the data, with its padding to 8 bytes.
  std::vector<std::byte> element(const char* what, std::uint32_t type, std::size_t most) {
    const Tag tag = next_tag();
    if (tag.type != type || tag.bytes > most)
      refuse(fmt::format("an element of type {} and {} bytes", tag.type, tag.bytes),
             fmt::format("{}: type {}, at most {} bytes", what, type, most));
    auto data = data_of(tag);
    if (!tag.small) (void)take((8 - tag.bytes % 8) % 8);
    return data;
  }

  ByteReader reader_;
  std::size_t offset_;
  const std::string& file_;
  std::byte small_[4] = {};
};

void check_header(std::span<const std::byte> bytes, const std::string& name) {
  if (bytes.size() < header_bytes)
    fail<UsageError>("[{}] byte {}: the file ends within its header; expected {} bytes", name,
                     bytes.size(), header_bytes);
  if (bytes[126] != std::byte{'I'} || bytes[127] != std::byte{'M'})
    fail<UsageError>(
        "[{}] byte 126: found {:02x} {:02x}; expected 49 4d, as in a little-endian MAT file of "
        "version 5",
        name, std::to_integer<int>(bytes[126]), std::to_integer<int>(bytes[127]));
  const auto version = number_at<std::uint16_t>(bytes, 124, false);
  if (version != 0x0100)
    fail<UsageError>(
        "[{}] byte 124: version {:04x}; expected 0100 (save it with '-v7', or by scipy.io.savemat)",
        name, version);
}

}  // namespace

std::size_t MatArray::count() const {
  std::size_t product = 1;
  for (const std::size_t size : sizes) product *= size;
  return product;
}

double MatArray::value(std::size_t i) const {
  const auto as = [&]<class T>(T) {
    return static_cast<double>(number_at<T>(data, i * sizeof(T), false));
  };
  switch (type) {
    case MatType::int8:
      return as(std::int8_t{});
    case MatType::uint8:
      return as(std::uint8_t{});
    case MatType::int16:
      return as(std::int16_t{});
    case MatType::uint16:
      return as(std::uint16_t{});
    case MatType::int32:
      return as(std::int32_t{});
    case MatType::uint32:
      return as(std::uint32_t{});
    case MatType::float32:
      return as(float{});
    case MatType::float64:
      return as(double{});
    case MatType::int64:
      return as(std::int64_t{});
    case MatType::uint64:
      return as(std::uint64_t{});
  }
  return 0;
}

std::map<std::string, MatArray> parse_mat(std::span<const std::byte> bytes,
                                          std::span<const std::string> names,
                                          const std::string& name) {
  check_header(bytes, name);
  std::map<std::string, MatArray> found;
  std::size_t at = header_bytes;
  while (at < bytes.size()) {
    if (bytes.size() - at < 8)
      fail<UsageError>("[{}] byte {}: {} bytes left; expected a variable, or the end of the file",
                       name, at, bytes.size() - at);
    const auto type = number_at<std::uint32_t>(bytes, at, false);
    const std::size_t length = number_at<std::uint32_t>(bytes, at + 4, false);
    if (type != matrix && type != compressed)
      fail<UsageError>("[{}] byte {}: an element of type {}; expected a variable (type 14 or 15)",
                       name, at, type);
    if (length > bytes.size() - at - 8)
      fail<UsageError>("[{}] byte {}: a variable of {} bytes; expected no more than the {} left",
                       name, at + 4, length, bytes.size() - at - 8);
    const auto body = bytes.subspan(at + 8, length);
    const bool zipped = type == compressed;
    Variable variable(zipped ? ByteReader(body, name, Framing::zlib, at + 8) : ByteReader(body),
                      at + 8, name);
    if (zipped) variable.expect_matrix();
    if (auto entry = variable.read(names)) found.insert_or_assign(entry->first, entry->second);
    at += 8 + length;
  }
  return found;
}

}  // namespace vernier::engine
