#include "engine/data/sources/generated.h"

namespace vernier::engine {

Source spirals_source() {
  return {{"spirals", "two interleaved spirals of 1.5 turns in the plane, 2 classes; noise 0.02",
           "built in"},
          Source::Kind::generator,
          [](const DataSettings& settings, Folders) {
            return generate(
                settings, {.features = 2, .classes = 2, .n = 2000, .noise = 0.02},
                [](ExampleRng& rng, int index, double noise, std::span<float> x) -> double {
                  const int label = index % 2;
                  const double radius = std::sqrt(rng.between(0.01, 1));
                  double sine, cosine;
                  portable_sincos(3 * pi * radius + pi * label, sine, cosine);
                  x[0] = static_cast<float>(radius * cosine + noise * rng.normal());
                  x[1] = static_cast<float>(radius * sine + noise * rng.normal());
                  return label;
                });
          }};
}

}  // namespace vernier::engine
