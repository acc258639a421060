#include "reports/html/deflate.h"

#include <zlib.h>

#include "core/error.h"

namespace vernier::reports {

Bytes deflate(std::span<const unsigned char> bytes, int level) {
  uLongf size = compressBound(bytes.size());
  Bytes stream(size);
  // Level 9 is some per cent smaller, and slow only above tens of megabytes.
  if (level == 0) level = bytes.size() > (std::size_t{16} << 20) ? 6 : 9;
  if (compress2(stream.data(), &size, bytes.data(), bytes.size(), level) != Z_OK) {
    fail<Error>("[report] zlib could not compress {} bytes", bytes.size());
  }
  stream.resize(size);
  return stream;
}

Bytes inflate(std::span<const unsigned char> stream) {
  z_stream z{};
  if (inflateInit(&z) != Z_OK) fail<Error>("[report] zlib could not start");
  Bytes bytes, part(1 << 16);
  z.next_in = const_cast<unsigned char*>(stream.data());
  z.avail_in = static_cast<uInt>(stream.size());
  int state = Z_OK;
  while (state == Z_OK) {
    z.next_out = part.data();
    z.avail_out = static_cast<uInt>(part.size());
    state = ::inflate(&z, Z_NO_FLUSH);
    bytes.insert(bytes.end(), part.begin(), part.end() - static_cast<std::ptrdiff_t>(z.avail_out));
  }
  inflateEnd(&z);
  if (state != Z_STREAM_END) {
    fail<UsageError>("[report] damaged zlib stream of {} bytes", stream.size());
  }
  return bytes;
}

}  // namespace vernier::reports
