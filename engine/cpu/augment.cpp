#include "engine/cpu/augment.h"

#include <algorithm>
#include <vector>

#include "engine/cpu/kernels.h"

namespace vernier::engine::cpu {
namespace {

std::size_t features_of(const AugmentRule& rule) {
  return static_cast<std::size_t>(rule.height) * static_cast<std::size_t>(rule.width) *
         static_cast<std::size_t>(rule.channels);
}

}  // namespace

void gather_augmented(float* to, const float* from, int rows, const vernier::Shuffle& order,
                      int first, const AugmentRule& rule, const RngKey& key, std::uint32_t update) {
  const std::size_t features = features_of(rule);
  for (int r = 0; r < rows; ++r) {
    const float* example = from + order(static_cast<std::uint64_t>(first + r)) * features;
    augment_image(rule, key, update, static_cast<std::uint64_t>(r), example,
                  to + static_cast<std::size_t>(r) * features);
  }
}

void gather_images_augmented(float* to, const float* from, const Images& images,
                             const vernier::Shuffle& order, int first, const AugmentRule& rule,
                             const RngKey& key, std::uint32_t update) {
  const std::size_t features = features_of(rule);
  std::vector<float> block(static_cast<std::size_t>(Images::block) * features);
  for (int start = 0; start < images.rows; start += Images::block) {
    Images part = images;
    part.rows = std::min(Images::block, images.rows - start);
    for (int r = 0; r < part.rows; ++r) {
      const float* example = from + order(static_cast<std::uint64_t>(first + start + r)) * features;
      augment_image(rule, key, update, static_cast<std::uint64_t>(start + r), example,
                    block.data() + static_cast<std::size_t>(r) * features);
    }
    images_from_rows(to + static_cast<std::size_t>(start / Images::block) * images.stride(),
                     block.data(), part);
  }
}

}  // namespace vernier::engine::cpu
