// Wide residual networks (Zagoruyko and Komodakis 2016) of depth d = 6 n + 4 and width k. wrn-28-10: 36.5 million parameters for 32 x 32 x 3.
#include <fmt/format.h>

#include "engine/models/registry.h"
#include "engine/models/residual_blocks.h"

namespace vernier::engine {
namespace {

Architecture build_wrn(const ModelSettings& given, const Shape& input, int outputs, int depth,
                       int width) {
  ModelSettings settings = given;
  settings.batch_norm = true;
  Stack net(settings, square_image(settings, input));
  net.conv("conv1", 16, on_32(input, 3, 1, 1), false);
  for (int stage = 0; stage < 3; ++stage) {
    for (int block = 0; block < (depth - 4) / 6; ++block) {
      add_wide_block(net, settings, fmt::format("stage{}.block{}", stage + 1, block + 1),
                     (16 * width) << stage, stage > 0 && block == 0 ? 2 : 1);
    }
  }
  net.batch_norm("norm").activation(settings.activation);
  net.global_average_pool().output(outputs);
  return net.finish(input);
}

}  // namespace

Architecture build_wrn_16_1(const ModelSettings& settings, const Shape& input, int outputs) {
  return build_wrn(settings, input, outputs, 16, 1);
}
Architecture build_wrn_16_4(const ModelSettings& settings, const Shape& input, int outputs) {
  return build_wrn(settings, input, outputs, 16, 4);
}
Architecture build_wrn_28_10(const ModelSettings& settings, const Shape& input, int outputs) {
  return build_wrn(settings, input, outputs, 28, 10);
}

}  // namespace vernier::engine
