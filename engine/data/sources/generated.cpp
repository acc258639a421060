#include "engine/data/sources/generated.h"

namespace vernier::engine {

RawData generate(const DataSettings& settings, const GeneratedShape& shape,
                 const MakeExample& make) {
  const double noise = settings.noise.value_or(shape.noise);
  const std::size_t features = static_cast<std::size_t>(shape.features);
  const auto part = [&](int n, std::uint32_t stream) {
    Examples examples;
    examples.n = n;
    examples.numbers.resize(static_cast<std::size_t>(n) * features);
    const RngKey key{settings.split_seed, Stream::data, stream};
    for (int i = 0; i < n; ++i) {
      ExampleRng rng(key, static_cast<std::uint32_t>(i));
      const auto x =
          std::span(examples.numbers).subspan(static_cast<std::size_t>(i) * features, features);
      const double y = make(rng, i, noise, x);
      if (shape.classes > 0) {
        examples.labels.push_back(static_cast<std::int32_t>(y));
      } else {
        examples.targets.push_back(static_cast<float>(y));
      }
    }
    return examples;
  };
  const int n = settings.n.value_or(shape.n);
  RawData data;
  data.shape = {shape.features};
  data.classes = shape.classes;
  data.outputs = shape.classes > 0 ? shape.classes : 1;
  for (int c = 0; c < shape.classes; ++c) data.class_names.push_back(std::to_string(c));
  data.pool = part(settings.train.value_or(n), 0);
  data.valid = part(settings.valid.value_or(n / 2), 1);
  data.test = part(settings.test.value_or(n / 2), 2);
  return data;
}

}  // namespace vernier::engine
