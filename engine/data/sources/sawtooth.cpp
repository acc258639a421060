#include "engine/data/sources/generated.h"

namespace vernier::engine {

Source sawtooth_source() {
  return {{"sawtooth",
           "16 intervals of [0, 1) labelled in turns (Telgarsky 2015), 1 number, 2 classes: depth "
           "pays; noise 0",
           "built in"},
          Source::Kind::generator,
          [](const DataSettings& settings, Folders) {
            return generate(
                settings, {.features = 1, .classes = 2, .n = 2000, .noise = 0},
                [](ExampleRng& rng, int index, double noise, std::span<float> x) -> double {
                  static_cast<void>(index);
                  const double at = rng.uniform();
                  x[0] = static_cast<float>(at + noise * rng.normal());
                  return static_cast<int>(16 * at) % 2;
                });
          }};
}

}  // namespace vernier::engine
