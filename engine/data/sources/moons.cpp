#include "engine/data/sources/generated.h"

namespace vernier::engine {

Source moons_source() {
  return {{"moons",
           "two interleaved half circles in the plane, 2 classes; noise 0.2; gap moves one away",
           "built in"},
          Source::Kind::generator,
          [](const DataSettings& settings, Folders) {
            return generate(settings, {.features = 2, .classes = 2, .n = 2000, .noise = 0.2},
                            [gap = settings.gap](ExampleRng& rng, int index, double noise,
                                                 std::span<float> x) -> double {
                              const int label = index % 2;
                              double sine, cosine;
                              portable_sincos(pi * rng.uniform(), sine, cosine);
                              x[0] = static_cast<float>((label == 0 ? cosine : 1 - cosine) +
                                                        noise * rng.normal());
                              x[1] = static_cast<float>((label == 0 ? sine : 0.5 - gap - sine) +
                                                        noise * rng.normal());
                              return label;
                            });
          }};
}

}  // namespace vernier::engine
