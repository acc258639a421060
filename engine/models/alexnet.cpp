// AlexNet with one tower (Krizhevsky 2014, "One weird trick"): 61,100,840 parameters for 224 x 224 x 3 and 1,000 classes. Images under 64
// pixels get a 3 x 3 first convolution of stride 1 and 2 x 2 pools.
#include "engine/models/registry.h"
#include "engine/models/stack.h"

namespace vernier::engine {

Architecture build_alexnet(const ModelSettings& settings, const Shape& input, int outputs) {
  const bool small = square_image(settings, input)[0] < 64;
  const Window pool = small ? Window{2, 2, 2, 0, 0} : Window{3, 3, 2, 0, 0};
  Stack net(settings, input);
  net.unit(1, 64, small ? on_32(input, 3, 1, 1) : Window{11, 11, 4, 2, 2}).max_pool("pool1", pool);
  net.unit(2, 192, same_window(5)).max_pool("pool2", pool);
  net.unit(3, 384, same_window(3)).unit(4, 256, same_window(3)).unit(5, 256, same_window(3));
  net.max_pool("pool5", pool).flatten();
  const double rate = settings.dropout.value_or(0.5);
  net.dropout("dropout6", rate).dense("dense6", 4096).activation(settings.activation + "6");
  net.dropout("dropout7", rate).dense("dense7", 4096).activation(settings.activation + "7");
  net.output(outputs);
  return net.finish(input);
}

}  // namespace vernier::engine
