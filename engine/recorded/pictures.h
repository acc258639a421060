// What the pictures are made with: bytes, images, numbers as short as they are drawn.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/json.h"
#include "engine/data/dataset.h"
#include "engine/engine.h"

namespace vernier::engine {

Recorded picture(const std::string& name, const std::string& kind, const Json& json);

/// To five digits; null where it is not finite.
Json rounded(double value);
/// base64.
std::string bytes_text(std::span<const std::uint8_t> bytes);

/// (height, width, channels) with 1 or 3 channels, at most 512 each way.
bool is_picture(const std::vector<int>& shape);
void put_size(Json& json, const std::vector<int>& shape);

/// x of the named examples, one after the other.
std::vector<float> examples(const Part& part, int features, std::span<const std::size_t> indices);
/// At most `most` examples, at equal distances: their indices.
std::vector<std::size_t> some(int n, std::size_t most);

/// `count` prepared images as they were stored: 0 .. 255 as it is, 0 .. 1 times 255, else the whole range of all of them. Preparations without
/// a way back: each image's own range.
std::vector<std::uint8_t> picture_bytes(const Preparation& preparation, std::vector<float> x,
                                        std::size_t count);

}  // namespace vernier::engine
