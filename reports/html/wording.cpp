#include "reports/html/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/text.h"

namespace vernier::reports {

int decimals_for(double uncertainty) {
  if (!(uncertainty > 0) || !std::isfinite(uncertainty)) return 4;
  const double exponent = std::floor(std::log10(uncertainty));
  const double leading = uncertainty / std::pow(10.0, exponent);
  return std::clamp(static_cast<int>(-exponent) + (leading < 2 ? 1 : 0), 0, 12);
}

std::string plus_minus(double value, double half_width) {
  if (!(half_width > 0) || !std::isfinite(half_width)) return format_number(value, 4);
  int decimals = decimals_for(half_width);
  // "0.004 ± 0.004" would hide whether the interval excludes 0, "0.0 ± 0.4" on which side of 0 the value lies.
  const auto hidden = [&] {
    const double unit = std::pow(10.0, decimals), shown = std::round(std::abs(value) * unit);
    return shown == std::round(half_width * unit) || (value != 0 && shown == 0);
  };
  for (int more = 0; more < 3 && hidden(); ++more) ++decimals;
  return fmt::format("{:.{}f} ± {:.{}f}", value, decimals, half_width, decimals);
}

}  // namespace vernier::reports
