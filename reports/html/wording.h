// Numbers in sentences: as many decimals as their uncertainty deserves.
#pragma once
#include <string>

namespace vernier::reports {

/// Decimals at which an uncertainty shows one digit, two where it begins with 1 (0.0021: 3, 0.0013: 4); 4 where it is not > 0.
int decimals_for(double uncertainty);
/// "0.9813 ± 0.0021", with decimals at which the two differ and the value is not 0 unless it is (to 3 more); "0.98" with 4 significant digits where half_width is not > 0.
std::string plus_minus(double value, double half_width);

}  // namespace vernier::reports
