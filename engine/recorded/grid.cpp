#include "engine/recorded/grid.h"

#include <algorithm>
#include <limits>

namespace vernier::engine {

Axis axis_of(const Dataset& data, std::size_t feature, double margin) {
  const auto features = static_cast<std::size_t>(data.features);
  constexpr float infinite = std::numeric_limits<float>::infinity();
  std::vector<float> ends(2 * features);  // two examples: the least and the largest
  float &low = ends[feature], &high = ends[features + feature];
  low = infinite;
  high = -infinite;
  for (const Part* part : {&data.train, &data.valid}) {
    for (std::size_t i = feature; i < part->x.size(); i += features) {
      low = std::min(low, part->x[i]);
      high = std::max(high, part->x[i]);
    }
  }
  data.preparation.undo(ends);
  const double width = static_cast<double>(high) - static_cast<double>(low);
  const double more = width > 0 ? margin * width : 0.5;
  return {static_cast<double>(low) - more, static_cast<double>(high) + more};
}

Part prepared(const Dataset& data, std::vector<float> x) {
  Part part;
  part.n = static_cast<int>(x.size() / static_cast<std::size_t>(data.features));
  part.x = std::move(x);
  const Preparation& preparation = data.preparation;
  if (!preparation.whitening && !preparation.per_image) preparation.apply(part.x);
  return part;
}

}  // namespace vernier::engine
