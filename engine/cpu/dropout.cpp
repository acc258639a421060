#include "engine/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/dropout.cpp"
#include "hwy/foreach_target.h"
// Highway's own order of includes.
#include <algorithm>
#include <cstring>
#include <vector>

#include "engine/cpu/kernels.h"
#include "engine/math/dropout.h"
#include "hwy/highway.h"

// Plain loops that the compiler vectorises once per instruction set.
HWY_BEFORE_NAMESPACE();
namespace vernier::engine::cpu::HWY_NAMESPACE {

inline constexpr std::size_t philox_blocks = 64;

/// Blocks first .. first + 63 of one layer's bits: philox4x32 of core/rng.h with the rounds outside, so that blocks are the vector
/// axis.
void PhiloxBlocks(std::uint32_t (&v)[4][philox_blocks], const RngKey& key, std::uint32_t update,
                  std::uint64_t first) {
  std::uint32_t key0 = static_cast<std::uint32_t>(key.seed);
  std::uint32_t key1 = static_cast<std::uint32_t>(key.seed >> 32);
  const std::uint32_t stream =
      (static_cast<std::uint32_t>(key.stream) << 16) | (key.repeat & 0xFFFFu);
  for (std::size_t i = 0; i < philox_blocks; ++i) {
    const std::uint64_t element = first + i;
    v[0][i] = static_cast<std::uint32_t>(element);
    v[1][i] = update;
    v[2][i] = stream;
    v[3][i] = static_cast<std::uint32_t>(element >> 32);
  }
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < philox_blocks; ++i) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * v[0][i];
      const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * v[2][i];
      v[0][i] = static_cast<std::uint32_t>(p1 >> 32) ^ v[1][i] ^ key0;
      v[1][i] = static_cast<std::uint32_t>(p1);
      v[2][i] = static_cast<std::uint32_t>(p0 >> 32) ^ v[3][i] ^ key1;
      v[3][i] = static_cast<std::uint32_t>(p0);
    }
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

void Dropout(float* y, const float* x, std::uint8_t* HWY_RESTRICT mask, std::size_t count,
             const RngKey& key, std::uint64_t layer, std::uint32_t update, double rate) {
  const std::uint32_t threshold = dropout_threshold(rate);
  const float scale = static_cast<float>(1.0 / (1.0 - rate));
  constexpr std::size_t chunk = 4 * philox_blocks;
  alignas(64) std::uint32_t v[4][philox_blocks];
  alignas(64) std::uint8_t keep[chunk];
  for (std::size_t start = 0; start < count; start += chunk) {
    PhiloxBlocks(v, key, update, layer << 48 | start >> 2);
    for (std::size_t word = 0; word < 4; ++word) {
      for (std::size_t i = 0; i < philox_blocks; ++i) {
        keep[4 * i + word] = v[word][i] >= threshold ? 1 : 0;
      }
    }
    const std::size_t n = std::min(chunk, count - start);
    std::memcpy(mask + start, keep, n);
    for (std::size_t i = 0; i < n; ++i) {
      y[start + i] = keep[i] != 0 ? x[start + i] * scale : 0.0f;
    }
  }
}

void DropoutGradient(float* HWY_RESTRICT dy, const std::uint8_t* HWY_RESTRICT mask,
                     std::size_t count, float scale) {
  for (std::size_t i = 0; i < count; ++i) dy[i] = mask[i] != 0 ? dy[i] * scale : 0.0f;
}

/// Bits of elements first .. first + count - 1 (any of them) of one layer: 1 keeps.
void KeepBits(std::uint8_t* HWY_RESTRICT to, std::uint64_t first, std::size_t count,
              const RngKey& key, std::uint64_t layer, std::uint32_t update,
              std::uint32_t threshold) {
  constexpr std::size_t chunk = 4 * philox_blocks;
  alignas(64) std::uint32_t v[4][philox_blocks];
  std::size_t skip = first % 4;
  for (std::uint64_t block = first / 4; count > 0; block += philox_blocks) {
    PhiloxBlocks(v, key, update, layer << 48 | block);
    const std::size_t n = std::min(chunk - skip, count);
    for (std::size_t i = 0; i < n; ++i) {
      *to++ = v[(skip + i) % 4][(skip + i) / 4] >= threshold ? 1 : 0;
    }
    count -= n;
    skip = 0;
  }
}

void DropoutImages(float* y, const float* x, std::uint8_t* HWY_RESTRICT mask, const Images& images,
                   const RngKey& key, std::uint64_t layer, std::uint32_t update, double rate) {
  const std::size_t area = images.area();
  const auto channels = static_cast<std::size_t>(images.channels);
  const auto rows = static_cast<std::size_t>(images.rows);
  std::fill_n(mask, images.count(), std::uint8_t{0});
  std::vector<std::uint8_t> keep(area * channels);
  for (std::size_t n = 0; n < rows; ++n) {
    KeepBits(keep.data(), n * keep.size(), keep.size(), key, layer, update,
             dropout_threshold(rate));
    std::uint8_t* to = mask + n / Images::block * images.stride() + n % Images::block;
    for (std::size_t p = 0; p < area; ++p) {
      for (std::size_t c = 0; c < channels; ++c) {
        to[c * images.plane() + p * Images::block] = keep[p * channels + c];
      }
    }
  }
  const float scale = static_cast<float>(1.0 / (1.0 - rate));
  const std::size_t count = images.count();
  for (std::size_t i = 0; i < count; ++i) y[i] = mask[i] != 0 ? x[i] * scale : 0.0f;
}

}  // namespace vernier::engine::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::engine::cpu {
HWY_EXPORT(Dropout);
HWY_EXPORT(DropoutGradient);
HWY_EXPORT(DropoutImages);

void dropout(float* y, const float* x, std::uint8_t* mask, std::size_t count, const RngKey& key,
             int layer, std::uint32_t update, double rate) {
  HWY_DYNAMIC_DISPATCH(Dropout)
  (y, x, mask, count, key, static_cast<std::uint64_t>(layer), update, rate);
}
void dropout_gradient(float* dy, const std::uint8_t* mask, std::size_t count, double rate) {
  HWY_DYNAMIC_DISPATCH(DropoutGradient)
  (dy, mask, count, static_cast<float>(1.0 / (1.0 - rate)));
}
void dropout_images(float* y, const float* x, std::uint8_t* mask, const Images& images,
                    const RngKey& key, int layer, std::uint32_t update, double rate) {
  HWY_DYNAMIC_DISPATCH(DropoutImages)
  (y, x, mask, images, key, static_cast<std::uint64_t>(layer), update, rate);
}
}  // namespace vernier::engine::cpu
#endif
