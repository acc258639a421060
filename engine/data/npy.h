// NumPy's .npy files, versions 1 to 3 (numpy.lib.format): a dictionary of type, order and shape, then the numbers.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace vernier::engine {

/// Looks into the bytes it was read from, which must live as long.
struct NpyArray {
  char kind = 'u';        // u, i: whole numbers, b: truth, f: floats
  std::size_t width = 1;  // bytes of a number: 1, 2, 4 or 8
  bool big_endian = false;
  bool fortran_order = false;
  std::vector<std::size_t> shape;  // at least one
  std::span<const std::byte> data;
  std::size_t offset = 0;  // of the data in the file

  std::size_t count() const { return data.size() / width; }
  /// Where element `index` of C order lies: an element of the data.
  std::size_t place(std::size_t index) const;
  /// The number at that place of the data.
  double value(std::size_t place) const;
};

/// `name` is for messages. Throws UsageError "[name] byte OFFSET: ..." with what was expected: types are u1 u2 u4 u8 i1 i2 i4 i8 b1 f4 f8 in either
/// byte order, at most 8 dimensions, none of them 0.
NpyArray parse_npy(std::span<const std::byte> bytes, const std::string& name);

}  // namespace vernier::engine
