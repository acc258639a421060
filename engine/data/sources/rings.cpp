#include "engine/data/sources/generated.h"

namespace vernier::engine {

Source rings_source() {
  return {
      {"rings", "three rings of radius 1, 2 and 3 in the plane, 3 classes; noise 0.2", "built in"},
      Source::Kind::generator,
      [](const DataSettings& settings, Folders) {
        return generate(settings, {.features = 2, .classes = 3, .n = 2000, .noise = 0.2},
                        [](ExampleRng& rng, int index, double noise, std::span<float> x) -> double {
                          const int label = index % 3;
                          const double radius = label + 1 + noise * rng.normal();
                          double sine, cosine;
                          portable_sincos(2 * pi * rng.uniform(), sine, cosine);
                          x[0] = static_cast<float>(radius * cosine);
                          x[1] = static_cast<float>(radius * sine);
                          return label;
                        });
      }};
}

}  // namespace vernier::engine
