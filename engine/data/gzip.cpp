#include "engine/data/gzip.h"

#include <zlib.h>

#include <algorithm>

#include "core/error.h"

namespace vernier::engine {

struct GzipReader::Impl {
  z_stream stream{};
  std::span<const std::byte> compressed;
  std::string path;
  bool ended = false;
};

bool is_gzip(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1F} && bytes[1] == std::byte{0x8B};
}

GzipReader::GzipReader(std::span<const std::byte> compressed, std::string path) {
  if (!is_gzip(compressed)) fail<UsageError>("[{}] byte 0: not a gzip file; expected 1f 8b", path);
  auto impl = std::make_unique<Impl>();
  impl->compressed = compressed;
  impl->path = std::move(path);
  // 15 + 16: the largest window, gzip framing only.
  if (inflateInit2(&impl->stream, 15 + 16) != Z_OK) fail("[{}] zlib could not start", impl->path);
  impl->stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(compressed.data()));
  impl_ = std::move(impl);
}

GzipReader::~GzipReader() {
  if (impl_) inflateEnd(&impl_->stream);
}

bool GzipReader::ended() const { return impl_->ended; }

std::vector<std::byte> GzipReader::read(std::size_t most) {
  constexpr std::size_t piece = std::size_t{1} << 20;
  z_stream& stream = impl_->stream;
  std::vector<std::byte> out;
  const auto* first = reinterpret_cast<const Bytef*>(impl_->compressed.data());
  while (out.size() < most && !impl_->ended) {
    const std::size_t room = std::min(piece, most - out.size());
    const std::size_t before = out.size();
    out.resize(before + room);
    const std::size_t offset = static_cast<std::size_t>(stream.next_in - first);
    stream.avail_in = static_cast<uInt>(std::min(piece, impl_->compressed.size() - offset));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream.avail_out = static_cast<uInt>(room);
    const int code = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    const std::size_t at = static_cast<std::size_t>(stream.next_in - first);
    if (code == Z_STREAM_END) {
      impl_->ended = true;
    } else if (code == Z_BUF_ERROR ||
               (code == Z_OK && at == impl_->compressed.size() && stream.avail_out > 0)) {
      fail<UsageError>(
          "[{}] byte {}: the gzip stream ends early; expected {} more bytes of data at least",
          impl_->path, at, most - out.size());
    } else if (code != Z_OK) {
      fail<UsageError>("[{}] byte {}: damaged gzip stream ({})", impl_->path, at,
                       stream.msg != nullptr ? stream.msg : "zlib error");
    }
  }
  return out;
}

}  // namespace vernier::engine
