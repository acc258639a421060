// Bytes laid over a whole file: damage that leaves most of it as it was.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

namespace vernier::fuzz {

/// (u24 place, u8 length, bytes) ...: laid over the whole file; a last length of 255 cuts it there.
inline std::string overlaid(std::string file, const std::uint8_t* data, std::size_t size) {
  while (size >= 4) {
    const std::size_t at =
        static_cast<std::size_t>(data[0] | data[1] << 8 | data[2] << 16) % file.size();
    const std::size_t length = data[3];
    data += 4;
    size -= 4;
    if (length == 255) {
      file.resize(at);
      if (file.empty()) return file;
      continue;
    }
    const std::size_t used = std::min({length, size, file.size() - at});
    std::memcpy(file.data() + at, data, used);
    data += used;
    size -= used;
  }
  return file;
}

}  // namespace vernier::fuzz
