// What the generated sets share: three parts from separate streams, each example from its own random numbers.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/rng.h"
#include "engine/data/source.h"
#include "engine/math/portable.h"

namespace vernier::engine {

/// The random numbers of one example.
class ExampleRng {
 public:
  ExampleRng(const RngKey& key, std::uint32_t index) : rng_(key, index) {}
  double uniform() { return rng_.uniform(); }
  double between(double least, double most) { return least + (most - least) * rng_.uniform(); }
  double normal() { return portable_normal({{rng_(), rng_(), rng_(), rng_()}}); }

 private:
  Rng rng_;
};

struct GeneratedShape {
  int features = 2;
  int classes = 2;   // 0: one number is predicted
  int n = 2000;      // training examples by default; half as many for validation and for the test
  double noise = 0;  // default
};

/// Writes the features of example `index` to x and returns its label, or the number to be predicted. The classes of an example may
/// be taken from `index` for exact balance.
using MakeExample =
    std::function<double(ExampleRng& rng, int index, double noise, std::span<float> x)>;

RawData generate(const DataSettings& settings, const GeneratedShape& shape,
                 const MakeExample& make);

}  // namespace vernier::engine
