#include "engine/data/inflate.h"

#include <zlib.h>

#include <algorithm>

#include "core/error.h"

namespace vernier::engine {

struct Inflater::Impl {
  z_stream stream{};
  std::span<const std::byte> compressed;
  std::string path;
  const char* framing = "";
  std::size_t offset = 0;
  bool ended = false;
};

bool is_gzip(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1F} && bytes[1] == std::byte{0x8B};
}

Inflater::Inflater(std::span<const std::byte> compressed, std::string path, Framing framing,
                   std::size_t offset) {
  auto impl = std::make_unique<Impl>();
  impl->compressed = compressed;
  impl->path = std::move(path);
  impl->framing = framing == Framing::gzip ? "gzip" : "zlib";
  impl->offset = offset;
  // The largest window; + 16: gzip framing only.
  if (inflateInit2(&impl->stream, framing == Framing::gzip ? 15 + 16 : 15) != Z_OK)
    fail("[{}] zlib could not start", impl->path);
  impl->stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(compressed.data()));
  impl_ = std::move(impl);
}

Inflater::~Inflater() {
  if (impl_) inflateEnd(&impl_->stream);
}

std::vector<std::byte> Inflater::read(std::size_t most) {
  constexpr std::size_t piece = std::size_t{1} << 20;
  z_stream& stream = impl_->stream;
  std::vector<std::byte> out;
  const auto* first = reinterpret_cast<const Bytef*>(impl_->compressed.data());
  while (out.size() < most && !impl_->ended) {
    const std::size_t room = std::min(piece, most - out.size());
    const std::size_t before = out.size();
    out.resize(before + room);
    const std::size_t used = static_cast<std::size_t>(stream.next_in - first);
    stream.avail_in = static_cast<uInt>(std::min(piece, impl_->compressed.size() - used));
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
          "[{}] byte {}: the {} stream ends early; expected {} more bytes of data at least",
          impl_->path, impl_->offset + at, impl_->framing, most - out.size());
    } else if (code != Z_OK) {
      fail<UsageError>("[{}] byte {}: damaged {} stream ({})", impl_->path, impl_->offset + at,
                       impl_->framing, stream.msg != nullptr ? stream.msg : "zlib error");
    }
  }
  return out;
}

}  // namespace vernier::engine
