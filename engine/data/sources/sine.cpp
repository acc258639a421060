#include "engine/data/sources/generated.h"

namespace vernier::engine {

Source sine_source() {
  return {{"sine", "sin(2 pi x) on [-1, 1], one number predicted; noise 0.1", "built in"},
          Source::Kind::generator,
          [](const DataSettings& settings, Folders) {
            return generate(
                settings, {.features = 1, .classes = 0, .n = 1000, .noise = 0.1},
                [](ExampleRng& rng, int index, double noise, std::span<float> x) -> double {
                  static_cast<void>(index);
                  const double at = rng.between(-1, 1);
                  x[0] = static_cast<float>(at);
                  return portable_sin(2 * pi * at) + noise * rng.normal();
                });
          }};
}

}  // namespace vernier::engine
