// Digits as on houses: two colours, light from one side, and what stands beside them.
#pragma once
#include <cstdint>
#include <span>

namespace vernier::engine {

inline constexpr int street_size = 32;  // pixels in height and width

/// pixels: 32 x 32 x 3. A function of (seed, part, index) and the digit alone.
void render_street(int digit, std::uint64_t seed, std::uint32_t part, std::uint32_t index,
                   std::span<std::uint8_t> pixels);

}  // namespace vernier::engine
