#include "engine/data/idx.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "engine/data/byte_reader.h"

namespace vernier::engine {
namespace {

std::uint32_t big_endian(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  return value;
}

}  // namespace

IdxArray parse_idx(std::span<const std::byte> bytes, int dimensions, const std::string& name) {
  ByteReader reader = is_gzip(bytes) ? ByteReader(bytes, name, Framing::gzip) : ByteReader(bytes);
  const std::string unit = reader.compressed() ? " (inflated)" : "";
  const std::size_t header_size = 4 + 4 * static_cast<std::size_t>(dimensions);
  if (!reader.compressed() && bytes.size() < header_size) {
    fail<UsageError>("[{}] byte {}: the file ends within its header; expected {} bytes", name,
                     bytes.size(), header_size);
  }
  const std::vector<std::byte> header = reader.take(header_size);
  if (header.size() >= 4 && big_endian(header) != 0x800u + static_cast<std::uint32_t>(dimensions)) {
    fail<UsageError>(
        "[{}] byte 0{}: magic number {:08x}; expected {:08x} (IDX, unsigned bytes, {} dimension{})",
        name, unit, big_endian(header), 0x800 + dimensions, dimensions, dimensions == 1 ? "" : "s");
  }
  if (header.size() < header_size) {
    fail<UsageError>("[{}] byte {}{}: the file ends within its header; expected {} bytes", name,
                     header.size(), unit, header_size);
  }
  IdxArray array;
  std::size_t total = 1;
  for (int d = 0; d < dimensions; ++d) {
    const std::size_t offset = 4 + 4 * static_cast<std::size_t>(d);
    const std::uint32_t size = big_endian(std::span(header).subspan(offset));
    // Sizes below 2^31 keep a product of three within 93 bits; the bound keeps it within 64.
    if (size == 0 || size > 0x7FFFFFFFu || total > (std::size_t{1} << 62) / size ||
        (reader.compressed() && total * size > reader.bound())) {
      fail<UsageError>(
          "[{}] byte {}{}: size {} of dimension {}; expected 1 or more, and no more than the file "
          "can hold",
          name, offset, unit, size, d + 1);
    }
    total *= size;
    array.sizes.push_back(static_cast<int>(size));
  }
  const std::vector<std::byte> data = reader.take(total);
  if (data.size() < total) {
    fail<UsageError>("[{}] byte {}{}: the file ends early; expected {} bytes", name,
                     header_size + data.size(), unit, header_size + total);
  }
  // Asking for one byte more also makes zlib verify the stream's checksum.
  if (!reader.take(1).empty()) {
    fail<UsageError>(
        "[{}] byte {}{}: surplus bytes after the last example; expected the end of the file", name,
        header_size + total, unit);
  }
  array.data.resize(total);
  for (std::size_t i = 0; i < total; ++i) array.data[i] = std::to_integer<std::uint8_t>(data[i]);
  return array;
}

Examples read_idx_pair(const std::filesystem::path& images, const std::filesystem::path& labels) {
  IdxArray x = parse_idx(read_file(images), 3, images.string());
  if (x.sizes[1] != 28 || x.sizes[2] != 28) {
    fail<UsageError>("[{}] byte {}: images of {} x {}; expected 28 x 28", images.string(),
                     x.sizes[1] != 28 ? 8 : 12, x.sizes[1], x.sizes[2]);
  }
  const IdxArray y = parse_idx(read_file(labels), 1, labels.string());
  if (x.sizes[0] != y.sizes[0]) {
    fail<UsageError>("[{}] byte 4: {} labels; expected {}, as many as images in {}",
                     labels.string(), y.sizes[0], x.sizes[0], images.string());
  }
  Examples examples;
  examples.n = x.sizes[0];
  examples.bytes = std::move(x.data);
  for (std::size_t i = 0; i < y.data.size(); ++i) {
    if (y.data[i] > 9) {
      fail<UsageError>("[{}] byte {}: label {}; expected 0 to 9", labels.string(), 8 + i,
                       static_cast<int>(y.data[i]));
    }
    examples.labels.push_back(y.data[i]);
  }
  return examples;
}

RawData load_idx_set(const DataSettings& settings, const std::string& folder, Folders folders,
                     std::vector<std::string> class_names) {
  const auto find = [&](const std::string& name) {
    const std::array<std::string, 2> names{name, name + ".gz"};
    return find_file(settings, folder, folders, names);
  };
  RawData data;
  data.shape = {28, 28, 1};
  data.classes = data.outputs = 10;
  data.class_names = std::move(class_names);
  // All four are sought before the first is read: a missing one is reported at once.
  const auto train_images = find("train-images-idx3-ubyte");
  const auto train_labels = find("train-labels-idx1-ubyte");
  const auto test_images = find("t10k-images-idx3-ubyte");
  const auto test_labels = find("t10k-labels-idx1-ubyte");
  data.pool = read_idx_pair(train_images, train_labels);
  data.test = read_idx_pair(test_images, test_labels);
  return data;
}

}  // namespace vernier::engine
