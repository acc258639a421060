#include "reports/plots/plot.h"

namespace vernier::reports {

#define VERNIER_PLOT(name) Json name##_plot(const PlotInput& input);
#include "reports/plots/plots.def"
#undef VERNIER_PLOT

std::span<const Plot> plots() {
  static const Plot table[] = {
#define VERNIER_PLOT(name) {#name, name##_plot},
#include "reports/plots/plots.def"
#undef VERNIER_PLOT
  };
  return table;
}

}  // namespace vernier::reports
