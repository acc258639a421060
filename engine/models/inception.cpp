// GoogLeNet (Szegedy et al. 2015, table 1) without its auxiliary heads and local response normalisation: 6,998,552 parameters for
// 224 x 224 x 3 and 1,000 classes. Images under 64 pixels get a 3 x 3 first convolution of stride 1 and no first pool.
#include <string>

#include "engine/models/registry.h"
#include "engine/models/stack.h"

namespace vernier::engine {
namespace {

/// Filters of one module: 1x1, 3x3 behind its reduction, 5x5 behind its reduction, behind the pool.
struct Module {
  const char* name;
  int one, reduce3, three, reduce5, five, pool;
};
constexpr Module modules[] = {
    {"3a", 64, 96, 128, 16, 32, 32},     {"3b", 128, 128, 192, 32, 96, 64},
    {"4a", 192, 96, 208, 16, 48, 64},    {"4b", 160, 112, 224, 24, 64, 64},
    {"4c", 128, 128, 256, 24, 64, 64},   {"4d", 112, 144, 288, 32, 64, 64},
    {"4e", 256, 160, 320, 32, 128, 128}, {"5a", 256, 160, 320, 32, 128, 128},
    {"5b", 384, 192, 384, 48, 128, 128}};

void add(Stack& net, const Module& m) {
  const std::string name = std::string("inception") + m.name;
  Stack one = net.inside(name + ".one");
  one.unit(1, m.one, same_window(1));
  Stack three = net.inside(name + ".three");
  three.unit(1, m.reduce3, same_window(1)).unit(2, m.three, same_window(3));
  Stack five = net.inside(name + ".five");
  five.unit(1, m.reduce5, same_window(1)).unit(2, m.five, same_window(5));
  Stack pool = net.inside(name + ".pool");
  pool.max_pool("pool", same_window(3)).unit(1, m.pool, same_window(1));
  net.branches(name, {std::move(one), std::move(three), std::move(five), std::move(pool)});
}

}  // namespace

Architecture build_inception(const ModelSettings& settings, const Shape& input, int outputs) {
  const bool small = square_image(settings, input)[0] < 64;
  constexpr Window halve{3, 3, 2, 0, 1};
  Stack net(settings, input);
  net.unit(1, 64, small ? on_32(input, 3, 1, 1) : Window{7, 7, 2, 3, 3});
  if (!small) net.max_pool("pool1", halve);
  net.unit(2, 64, same_window(1)).unit(3, 192, same_window(3)).max_pool("pool2", halve);
  for (const Module& m : modules) {
    add(net, m);
    const std::string name = m.name;
    if (name == "3b" || name == "4e") net.max_pool("pool" + name.substr(0, 1), halve);
  }
  net.global_average_pool().dropout("dropout", settings.dropout.value_or(0.4)).output(outputs);
  return net.finish(input);
}

}  // namespace vernier::engine
