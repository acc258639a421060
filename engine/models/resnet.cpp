// The plain and residual networks of He et al. 2015: resnet20 and resnet56 for 32 x 32 (section 4.2), each with its plain twin, and resnet18.
// Always with batch norm. resnet20: 272,474 parameters for 32 x 32 x 3 and 10 classes (269,722 with padded shortcuts).
#include <fmt/format.h>

#include "engine/models/registry.h"
#include "engine/models/residual_blocks.h"

namespace vernier::engine {
namespace {

ModelSettings with_batch_norm(ModelSettings settings) {
  settings.batch_norm = true;
  return settings;
}

struct Form {
  int stages, filters, blocks;
  bool residual;
};

void add_stages(Stack& net, const ModelSettings& settings, const Form& form) {
  for (int stage = 0; stage < form.stages; ++stage) {
    for (int block = 0; block < form.blocks; ++block) {
      add_basic_block(net, settings, fmt::format("stage{}.block{}", stage + 1, block + 1),
                      form.filters << stage, stage > 0 && block == 0 ? 2 : 1, form.residual);
    }
  }
}

Architecture build_for_32(const ModelSettings& given, const Shape& input, int outputs, int blocks,
                          bool residual) {
  const ModelSettings settings = with_batch_norm(given);
  Stack net(settings, square_image(settings, input));
  net.unit(1, 16, on_32(input, 3, 1, 1));
  add_stages(net, settings, {3, 16, blocks, residual});
  net.global_average_pool().output(outputs);
  return net.finish(input);
}

}  // namespace

Architecture build_plain20(const ModelSettings& settings, const Shape& input, int outputs) {
  return build_for_32(settings, input, outputs, 3, false);
}
Architecture build_plain56(const ModelSettings& settings, const Shape& input, int outputs) {
  return build_for_32(settings, input, outputs, 9, false);
}
Architecture build_resnet20(const ModelSettings& settings, const Shape& input, int outputs) {
  return build_for_32(settings, input, outputs, 3, true);
}
Architecture build_resnet56(const ModelSettings& settings, const Shape& input, int outputs) {
  return build_for_32(settings, input, outputs, 9, true);
}

Architecture build_resnet18(const ModelSettings& given, const Shape& input, int outputs) {
  const ModelSettings settings = with_batch_norm(given);
  const bool small = square_image(settings, input)[0] < 64;
  Stack net(settings, input);
  net.unit(1, 64, small ? on_32(input, 3, 1, 1) : Window{7, 7, 2, 3, 3});
  if (!small) net.max_pool("pool1", {3, 3, 2, 1, 1});
  add_stages(net, settings, {4, 64, 2, true});
  net.global_average_pool().output(outputs);
  return net.finish(input);
}

}  // namespace vernier::engine
