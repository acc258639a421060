// Logarithm of expected improvement, for minimisation (Ament et al. 2023, "Unexpected Improvements to Expected Improvement",
// arXiv 2310.20708, section 4.1 and appendix A):
//   log EI = log h(z) + log sigma,  z = (best - mean) / sigma,  h(z) = phi(z) + z Phi(z)
#pragma once

namespace vernier::search::gp {

/// log h(z) and the two ratios its derivatives need: log h' = Phi / h.
struct LogH {
  double value;      // log h(z)
  double pdf_ratio;  // phi(z) / h(z)
  double cdf_ratio;  // Phi(z) / h(z)
};

/// For every finite z. Three branches: z > -1 direct; -1000 < z <= -1 with erfcx, so that nothing underflows; below, where that
/// cancels, the asymptote -z^2/2 - log(2 pi)/2 - 2 log|z| + log(1 - 3/z^2 + 15/z^4). Ratios are exact to 1e-9.
LogH log_h(double z);

struct LogEi {
  double value;
  double by_mean;       // d log EI / d mean
  double by_deviation;  // d log EI / d sigma
};

/// `deviation` > 0.
LogEi log_ei(double mean, double deviation, double best);

}  // namespace vernier::search::gp
