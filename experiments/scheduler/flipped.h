// Samplers and strategies minimise: the sign is flipped on the way to them and back.
#pragma once

namespace vernier::experiments {

/// Minimised from the user's value and back.
inline double flipped(double value, bool maximize) { return maximize ? -value : value; }

}  // namespace vernier::experiments
