// VGG-16 and VGG-19 (Simonyan and Zisserman 2015, columns D and E): 138,357,544 and 143,667,240 parameters for 224 x 224 x 3 and 1,000 classes.
#include <fmt/format.h>

#include "engine/models/registry.h"
#include "engine/models/stack.h"

namespace vernier::engine {
namespace {

/// `deep`: convolutions in each of the last three stages.
Architecture build_vgg(const ModelSettings& settings, const Shape& input, int outputs, int deep) {
  Stack net(settings, square_image(settings, input));
  const int filters[] = {64, 128, 256, 512, 512};
  int number = 0;
  for (int stage = 0; stage < 5; ++stage) {
    for (int i = 0; i < (stage < 2 ? 2 : deep); ++i) {
      const Window window = number == 0 ? on_32(input, 3, 1, 1) : same_window(3);
      net.unit(++number, filters[stage], window);
    }
    net.max_pool(fmt::format("pool{}", stage + 1), {2, 2, 2, 0, 0});
  }
  net.flatten();
  const double rate = settings.dropout.value_or(0.5);
  for (int i = 1; i <= 2; ++i) {
    net.dense(fmt::format("dense{}", i), 4096);
    net.activation(fmt::format("{}{}", settings.activation, ++number));
    net.dropout(fmt::format("dropout{}", i), rate);
  }
  net.output(outputs);
  return net.finish(input);
}

}  // namespace

Architecture build_vgg16(const ModelSettings& settings, const Shape& input, int outputs) {
  return build_vgg(settings, input, outputs, 3);
}
Architecture build_vgg19(const ModelSettings& settings, const Shape& input, int outputs) {
  return build_vgg(settings, input, outputs, 4);
}

}  // namespace vernier::engine
