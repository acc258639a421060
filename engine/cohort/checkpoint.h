// The checkpoint file: named tensors. Little-endian:
//
//   offset  bytes
//   0       8     magic "VRNRCKPT"
//   8       4     version (1)
//   12      4     number of tensors
//   16      8     bytes of the whole file
//   24            table, a tensor each: u16 length of its name, name (UTF-8), u8 type (0 float32, 1 float64, 2 int64, 3 text), u8 rank,
//                 rank x i64 dimensions, u64 offset of its data from the file's start
//   ...           data, each tensor on a multiple of 8
//   end - 4       4     CRC-32C of everything before
//
// A lane's file holds its weights, optimizer states, counters and early-stopping state; a file of weights alone the same names
// without the rest.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vernier::engine {

class CheckpointWriter {
 public:
  void add(const std::string& name, std::span<const float> data, std::vector<std::int64_t> shape);
  void add(const std::string& name, std::span<const double> data);
  void add(const std::string& name, std::span<const std::int64_t> data);
  void add(const std::string& name, std::string_view text);
  std::vector<std::byte> finish() const;

 private:
  struct Entry {
    std::string name;
    std::uint8_t type;
    std::vector<std::int64_t> shape;
    std::size_t offset, bytes;  // in data_
  };
  void append(const std::string& name, std::uint8_t type, std::vector<std::int64_t> shape,
              const void* data, std::size_t bytes);
  std::vector<Entry> entries_;
  std::vector<std::byte> data_;
};

/// Reads a file in memory, which it refers to. Every method throws UsageError "[checkpoint] ..." for a file that is damaged, of another
/// version, or lacks what is asked for.
class CheckpointReader {
 public:
  explicit CheckpointReader(std::span<const std::byte> file);
  bool has(const std::string& name) const { return entries_.count(name) > 0; }
  /// Shape and size must be those of the file.
  void read(const std::string& name, std::span<float> to,
            const std::vector<std::int64_t>& shape) const;
  std::vector<double> numbers(const std::string& name, std::size_t count) const;
  std::vector<std::int64_t> integers(const std::string& name, std::size_t count) const;
  std::string text(const std::string& name) const;

 private:
  struct Entry {
    std::uint8_t type = 0;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> data;
  };
  const Entry& find(const std::string& name, std::uint8_t type) const;
  std::map<std::string, Entry> entries_;
};

}  // namespace vernier::engine
