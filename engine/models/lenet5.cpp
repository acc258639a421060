// LeNet-5 (LeCun et al. 1998) as it is trained today: maximum pooling, one activation, a dense output. 61,706 parameters for 28 x 28 x 1.
#include "engine/models/registry.h"
#include "engine/models/stack.h"

namespace vernier::engine {

Architecture build_lenet5(const ModelSettings& settings, const Shape& input, int outputs) {
  Stack net(settings, square_image(settings, input));
  net.unit(1, 6, on_32(input, 5, 1, 0)).max_pool("pool1", {2, 2, 2, 0, 0});
  net.unit(2, 16, {5, 5, 1, 0, 0}).max_pool("pool2", {2, 2, 2, 0, 0});
  net.flatten();
  const double rate = settings.dropout.value_or(0);
  net.dense("dense1", 120).activation(settings.activation + "3").dropout("dropout1", rate);
  net.dense("dense2", 84).activation(settings.activation + "4").dropout("dropout2", rate);
  net.output(outputs);
  return net.finish(input);
}

}  // namespace vernier::engine
