#include <algorithm>
#include <array>

#include "engine/data/sources/generated.h"

namespace vernier::engine {
namespace {

constexpr int inputs = 10;
constexpr int hidden = 16;
constexpr int classes = 4;

/// A fixed random network 10-16-16-4 with tanh; weights N(0, (gain / sqrt fan_in)^2).
class Teacher {
 public:
  Teacher() {
    fill(first_, inputs, 0);
    fill(second_, hidden, 1);
    fill(third_, hidden, 2);
  }

  std::array<double, classes> logits(std::span<const float> x) const {
    std::array<double, hidden> a{}, b{};
    std::array<double, classes> out{};
    layer(first_, x, a);
    for (double& v : a) v = portable_tanh(v);
    layer(second_, a, b);
    for (double& v : b) v = portable_tanh(v);
    layer(third_, b, out);
    return out;
  }

 private:
  template <class Weights>
  static void fill(Weights& weights, int fan_in, std::uint32_t tensor) {
    const double scale = 2.0 / std::sqrt(fan_in);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      weights[i] = scale * portable_normal(random_block({7, Stream::data, 3}, tensor, i));
    }
  }
  template <class Weights, class In, class Out>
  static void layer(const Weights& weights, const In& in, Out& out) {
    for (std::size_t o = 0; o < out.size(); ++o) {
      for (std::size_t i = 0; i < in.size(); ++i) out[o] += weights[o * in.size() + i] * in[i];
    }
  }

  std::array<double, hidden * inputs> first_{};
  std::array<double, hidden * hidden> second_{};
  std::array<double, classes * hidden> third_{};
};

}  // namespace

Source teacher_source() {
  return {{"teacher",
           "10 normal numbers labelled by a random network 10-16-16-4, 4 classes; noise 0 is added "
           "to its logits",
           "built in"},
          Source::Kind::generator,
          [](const DataSettings& settings, Folders) {
            const Teacher teacher;
            return generate(settings,
                            {.features = inputs, .classes = classes, .n = 10000, .noise = 0},
                            [&](ExampleRng& rng, int, double noise, std::span<float> x) -> double {
                              for (float& v : x) v = static_cast<float>(rng.normal());
                              auto logits = teacher.logits(x);
                              for (double& v : logits) v += noise * rng.normal();
                              return static_cast<double>(
                                  std::max_element(logits.begin(), logits.end()) - logits.begin());
                            });
          }};
}

}  // namespace vernier::engine
