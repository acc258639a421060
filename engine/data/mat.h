// MAT files of version 5 (MathWorks, "MAT-File Format", 2023): a header of 128 bytes, then variables, each plain or compressed by zlib.
// Only real numeric arrays are read, little-endian; variables of other names are passed over.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace vernier::engine {

enum class MatType : std::uint32_t {
  int8 = 1,
  uint8 = 2,
  int16 = 3,
  uint16 = 4,
  int32 = 5,
  uint32 = 6,
  float32 = 7,
  float64 = 9,
  int64 = 12,
  uint64 = 13,
};

/// One variable. Elements lie in column-major order: the first size runs fastest.
struct MatArray {
  std::vector<std::size_t> sizes;
  MatType type = MatType::uint8;  // as stored, which may be narrower than its class
  std::vector<std::byte> data;
  std::size_t offset = 0;  // of the variable in the file
  std::size_t count() const;
  double value(std::size_t element) const;
};

/// The variables among `names` that the file has. `name` is for messages. Throws UsageError "[name] byte OFFSET: ..." with what was expected;
/// allocates no more than the file holds (compressed: most_inflation times its size).
std::map<std::string, MatArray> parse_mat(std::span<const std::byte> bytes,
                                          std::span<const std::string> names,
                                          const std::string& name);

}  // namespace vernier::engine
