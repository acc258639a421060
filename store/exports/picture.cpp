#include "store/exports/picture.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base64.h"
#include "core/error.h"

namespace vernier::store {
namespace {

constexpr int most_side = 16384;

void put_u32(std::string& into, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) into += static_cast<char>(value >> shift & 0xFF);
}

void put_chunk(std::string& into, const std::string& type, const std::string& data) {
  put_u32(into, static_cast<std::uint32_t>(data.size()));
  const std::string body = type + data;
  into += body;
  put_u32(into, static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(body.data()),
                                                 static_cast<uInt>(body.size()))));
}

int side(const Json& json, const char* key) {
  const Json& value = json.at(key);
  if (!value.is_number_integer() || value.get<std::int64_t>() < 1 ||
      value.get<std::int64_t>() > most_side)
    fail<UsageError>("{} is {}; expected 1 to {}", key, value.dump(), most_side);
  return value.get<int>();
}

std::string pixels_of(const Json& json, const char* key, std::size_t count) {
  auto bytes = from_base64(json.at(key).get<std::string>());
  if (!bytes || bytes->size() != count)
    fail<UsageError>("{} holds another number of bytes; expected {}", key, count);
  return std::move(*bytes);
}

/// Equal tiles in about a square, a pixel apart.
class Tiles {
 public:
  Tiles(int count, int width, int height, int channels)
      : width_(width),
        height_(height),
        columns_(std::max(1, static_cast<int>(std::ceil(std::sqrt(count))))) {
    const int rows = (count + columns_ - 1) / columns_;
    picture_.width = columns_ * (width + 1) - 1;
    picture_.height = std::max(1, rows * (height + 1) - 1);
    picture_.channels = channels;
    if (picture_.width > most_side || picture_.height > most_side)
      fail<UsageError>("a picture of {} x {}; expected at most {}", picture_.width, picture_.height,
                       most_side);
    picture_.pixels.assign(index(picture_.height, 0), '\x80');
  }
  /// `pixel(row, column, channel)` of tile `k`.
  template <class Pixel>
  void set(int k, const Pixel& pixel) {
    const int top = k / columns_ * (height_ + 1), left = k % columns_ * (width_ + 1);
    for (int row = 0; row < height_; ++row)
      for (int column = 0; column < width_; ++column)
        for (int c = 0; c < picture_.channels; ++c)
          picture_.pixels[index(top + row, left + column) + static_cast<std::size_t>(c)] =
              pixel(row, column, c);
  }
  Picture take() { return std::move(picture_); }

 private:
  std::size_t index(int row, int column) const {
    return (static_cast<std::size_t>(row) * static_cast<std::size_t>(picture_.width) +
            static_cast<std::size_t>(column)) *
           static_cast<std::size_t>(picture_.channels);
  }
  int width_, height_, columns_;
  Picture picture_;
};

/// `count` images of the same size; those of other than 1 or 3 channels as one gray tile a channel.
Picture draw_images(int count, int width, int height, int channels, const std::string& bytes) {
  const bool coloured = channels == 1 || channels == 3;
  const int shown = coloured ? channels : 1, layers = coloured ? 1 : channels;
  Tiles tiles(count * layers, width, height, shown);
  for (int k = 0; k < count * layers; ++k) {
    tiles.set(k, [&](int row, int column, int c) {
      const auto pixel = (static_cast<std::size_t>(k / layers) * static_cast<std::size_t>(height) +
                          static_cast<std::size_t>(row)) *
                             static_cast<std::size_t>(width) +
                         static_cast<std::size_t>(column);
      return bytes[pixel * static_cast<std::size_t>(channels) +
                   static_cast<std::size_t>(coloured ? c : k % layers)];
    });
  }
  return tiles.take();
}

std::optional<Picture> draw_examples(const Json& json) {
  if (!json.contains("pixels")) return std::nullopt;  // no pictures
  const int width = side(json, "width"), height = side(json, "height");
  const int channels = side(json, "channels");
  const auto count = json.at("items").size();
  if (count == 0) return std::nullopt;
  const std::string bytes =
      pixels_of(json, "pixels",
                count * static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                    static_cast<std::size_t>(channels));
  return draw_images(static_cast<int>(count), width, height, channels, bytes);
}

Picture draw_filters(const Json& json) {
  const int width = side(json, "width"), height = side(json, "height");
  const int channels = side(json, "channels"), count = side(json, "count");
  const std::string bytes =
      pixels_of(json, "pixels",
                static_cast<std::size_t>(count) * static_cast<std::size_t>(width) *
                    static_cast<std::size_t>(height) * static_cast<std::size_t>(channels));
  return draw_images(count, width, height, channels, bytes);
}

/// Dark where many of a row's class were called the column's: 8 x 8 pixels a pair.
Picture draw_confusion(const Json& json) {
  const Json& counts = json.at("counts");
  const int n = static_cast<int>(counts.size()), cell = 8;
  if (n < 1 || n > most_side / cell) fail<UsageError>("{} classes; expected 1 to 2048", n);
  std::vector<double> shares;
  for (const Json& row : counts) {
    double sum = 0;
    for (const Json& count : row) sum += count.get<double>();
    if (static_cast<int>(row.size()) != n)
      fail<UsageError>("a row of {} counts; expected {}", row.size(), n);
    for (const Json& count : row) shares.push_back(sum > 0 ? count.get<double>() / sum : 0);
  }
  Tiles tiles(1, n * cell, n * cell, 1);
  tiles.set(0, [&](int row, int column, int) {
    const double share = shares[static_cast<std::size_t>(row / cell * n + column / cell)];
    return static_cast<char>(std::lround(255 * (1 - std::clamp(share, 0.0, 1.0))));
  });
  return tiles.take();
}

Picture draw_map(const Json& json) {
  const int columns = side(json, "columns"), rows = side(json, "rows"), cell = 4;
  const std::string classes =
      pixels_of(json, "class", static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows));
  // Okabe and Ito's colours.
  constexpr std::array<std::array<unsigned char, 3>, 8> colours{{{0, 114, 178},
                                                                 {230, 159, 0},
                                                                 {0, 158, 115},
                                                                 {204, 121, 167},
                                                                 {86, 180, 233},
                                                                 {213, 94, 0},
                                                                 {240, 228, 66},
                                                                 {110, 110, 110}}};
  Tiles tiles(1, columns * cell, rows * cell, 3);
  tiles.set(0, [&](int row, int column, int c) {
    const int from_below = rows - 1 - row / cell;
    const auto at = static_cast<std::size_t>(from_below * columns + column / cell);
    return static_cast<char>(colours[static_cast<unsigned char>(classes[at]) % colours.size()]
                                    [static_cast<std::size_t>(c)]);
  });
  return tiles.take();
}

PngFile given(const std::string& bytes) {
  const auto u32 = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
      value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
  };
  if (bytes.size() < 33 || !bytes.starts_with("\x89PNG\r\n\x1a\n") || u32(16) > most_side ||
      u32(20) > most_side)
    fail<UsageError>("no PNG file of at most {} x {}", most_side, most_side);
  const int type = bytes[25];
  const int channels = type == 0 ? 1 : type == 4 ? 2 : type == 6 ? 4 : 3;
  return {static_cast<int>(u32(16)), static_cast<int>(u32(20)), channels, bytes};
}

}  // namespace

std::string to_png(const Picture& picture) {
  const auto row =
      static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.channels);
  std::string raw;
  for (std::size_t at = 0; at < picture.pixels.size(); at += row)
    raw += '\0' + picture.pixels.substr(at, row);
  uLongf size = compressBound(static_cast<uLong>(raw.size()));
  std::string packed(size, '\0');
  if (compress(reinterpret_cast<Bytef*>(packed.data()), &size,
               reinterpret_cast<const Bytef*>(raw.data()), static_cast<uLong>(raw.size())) != Z_OK)
    fail<Error>("[png] out of memory");
  packed.resize(size);
  std::string header;
  put_u32(header, static_cast<std::uint32_t>(picture.width));
  put_u32(header, static_cast<std::uint32_t>(picture.height));
  header += '\x08';
  header += static_cast<char>(picture.channels == 3 ? 2 : 0);
  header += std::string(3, '\0');
  std::string png = "\x89PNG\r\n\x1a\n";
  put_chunk(png, "IHDR", header);
  put_chunk(png, "IDAT", packed);
  put_chunk(png, "IEND", "");
  return png;
}

std::optional<PngFile> png_of(const Artifact& artifact) {
  if (artifact.kind == "png") return given(artifact.blob);
  try {
    std::optional<Picture> picture;
    if (artifact.kind == "examples") picture = draw_examples(Json::parse(artifact.blob));
    if (artifact.kind == "filters") picture = draw_filters(Json::parse(artifact.blob));
    if (artifact.kind == "confusion") picture = draw_confusion(Json::parse(artifact.blob));
    if (artifact.kind == "decision_map") picture = draw_map(Json::parse(artifact.blob));
    if (!picture) return std::nullopt;
    return PngFile{picture->width, picture->height, picture->channels, to_png(*picture)};
  } catch (const Json::exception& error) {
    fail<UsageError>("{}", error.what());
  }
}

}  // namespace vernier::store
