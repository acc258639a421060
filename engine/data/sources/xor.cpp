#include "engine/data/sources/generated.h"

namespace vernier::engine {

Source xor_source() {
  return {{"xor",
           "the sign of the product of two numbers in [-1, 1], 2 classes; noise 0.1 is added to "
           "them afterwards",
           "built in"},
          Source::Kind::generator,
          [](const DataSettings& settings, Folders) {
            return generate(
                settings, {.features = 2, .classes = 2, .n = 2000, .noise = 0.1},
                [](ExampleRng& rng, int index, double noise, std::span<float> x) -> double {
                  static_cast<void>(index);
                  const double a = rng.between(-1, 1);
                  const double b = rng.between(-1, 1);
                  x[0] = static_cast<float>(a + noise * rng.normal());
                  x[1] = static_cast<float>(b + noise * rng.normal());
                  return (a < 0) != (b < 0) ? 1 : 0;
                });
          }};
}

}  // namespace vernier::engine
