#include "engine/recorded/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/base64.h"

namespace vernier::engine {
namespace {

struct Range {
  float low, high;
};

Range range_of(std::span<const float> x) {
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  return {*low, *high};
}

/// What is black and what is white; preparing and undoing it moved the ends a little.
Range range_as_stored(std::span<const float> x) {
  const Range range = range_of(x);
  for (const float white : {1.0F, 255.0F}) {
    const float slack = white / 500;
    if (range.low >= -slack && range.high <= white + slack) return {0, white};
  }
  return range;
}

void to_bytes(std::span<const float> x, Range range, std::vector<std::uint8_t>& bytes) {
  const float width = range.high > range.low ? range.high - range.low : 1;
  for (const float v : x) {
    const float share = std::clamp((v - range.low) / width, 0.0F, 1.0F);
    bytes.push_back(static_cast<std::uint8_t>(std::lround(255 * share)));
  }
}

}  // namespace

Recorded picture(const std::string& name, const std::string& kind, const Json& json) {
  return {name, kind, json.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

Json rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  return std::strtod(fmt::format("{:.5g}", value).c_str(), nullptr);
}

std::string bytes_text(std::span<const std::uint8_t> bytes) { return base64(bytes); }

bool is_picture(const std::vector<int>& shape) {
  return shape.size() == 3 && (shape[2] == 1 || shape[2] == 3) && shape[0] <= 512 &&
         shape[1] <= 512;
}

void put_size(Json& json, const std::vector<int>& shape) {
  json["height"] = shape[0];
  json["width"] = shape[1];
  json["channels"] = shape[2];
}

std::vector<float> examples(const Part& part, int features, std::span<const std::size_t> indices) {
  std::vector<float> x;
  const auto width = static_cast<std::size_t>(features);
  x.reserve(indices.size() * width);
  for (const std::size_t i : indices)
    x.insert(x.end(), part.x.begin() + static_cast<std::ptrdiff_t>(i * width),
             part.x.begin() + static_cast<std::ptrdiff_t>((i + 1) * width));
  return x;
}

std::vector<std::size_t> some(int n, std::size_t most) {
  const auto all = static_cast<std::size_t>(n);
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < std::min(all, most); ++i)
    indices.push_back(all <= most ? i : i * all / most);
  return indices;
}

std::vector<std::uint8_t> picture_bytes(const Preparation& preparation, std::vector<float> x,
                                        std::size_t count) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(x.size());
  if (x.empty()) return bytes;
  if (preparation.undo(x)) {
    to_bytes(x, range_as_stored(x), bytes);
    return bytes;
  }
  const std::size_t size = x.size() / count;
  for (std::size_t at = 0; at + size <= x.size(); at += size) {
    const auto image = std::span<const float>(x).subspan(at, size);
    to_bytes(image, range_of(image), bytes);
  }
  return bytes;
}

}  // namespace vernier::engine
