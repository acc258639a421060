#include "reports/claim_plots/claim_plot.h"

#include "core/error.h"

namespace vernier::reports {

#define VERNIER_CLAIM_PLOT(name) Json name##_claim_plot(const ClaimPlotInput& input);
#include "reports/claim_plots/claim_plots.def"
#undef VERNIER_CLAIM_PLOT

const std::vector<ClaimPlotKind>& claim_plot_kinds() {
  static const std::vector<ClaimPlotKind> table{
#define VERNIER_CLAIM_PLOT(name) {ClaimPlot::Kind::name, #name, name##_claim_plot},
#include "reports/claim_plots/claim_plots.def"
#undef VERNIER_CLAIM_PLOT
  };
  return table;
}

Json claim_plot(const ClaimPlotInput& input) {
  for (const ClaimPlotKind& plot : claim_plot_kinds()) {
    if (plot.kind != input.claim.plot.kind) continue;
    try {
      Json json = plot.numbers(input);
      if (!json.is_null()) json["kind"] = plot.name;
      return json;
    } catch (const UsageError&) {
      // An expression that does not fit these trials: the claim's sentence says it, and there is nothing to draw.
      return nullptr;
    }
  }
  return nullptr;
}

}  // namespace vernier::reports
