// A fit as it is stored with the trial that it proposed, and when the next one is due.
#pragma once
#include <cmath>
#include <optional>
#include <vector>

#include "search/gp/kernel.h"
#include "search/history.h"

namespace vernier::search::gp {

struct FitRecord {
  int ordinal = 0;  // 0, 1, ... : how many fits came before
  int rows = 0;     // rows of the model then: they are factorised at once, later ones row by row
  int results = 0;  // results it was fitted to
  Vector theta;     // as in fit.h, one objective's after the other's
};

/// (ordinal, rows, results, theta...).
inline std::vector<double> encode(const FitRecord& record) {
  std::vector<double> out = {double(record.ordinal), double(record.rows), double(record.results)};
  out.insert(out.end(), record.theta.begin(), record.theta.end());
  return out;
}

/// Numbers that a fit with `size` hyperparameters takes.
constexpr int fit_length(int size) { return size + 3; }

/// Several models store their fits one after the other, -1 where none was due: `first` of `total` numbers. 0: it is alone.
struct FitPlace {
  int first = 0, total = 0;
};

/// The last fit in the history with `size` hyperparameters; nullopt: none.
inline std::optional<FitRecord> last_fit(const History& history, int size, FitPlace at = {}) {
  const int total = at.total > 0 ? at.total : fit_length(size);
  for (auto trial = history.trials.rbegin(); trial != history.trials.rend(); ++trial) {
    if (trial->fit.size() != static_cast<std::size_t>(total)) continue;
    const double* fit = trial->fit.data() + at.first;
    const Vector numbers = Vector::Map(fit, fit_length(size));
    if (!numbers.allFinite() || numbers.head(3).minCoeff() < 0 || numbers.head(3).maxCoeff() > 1e9)
      continue;
    return FitRecord{static_cast<int>(fit[0]), static_cast<int>(fit[1]), static_cast<int>(fit[2]),
                     numbers.tail(size)};
  }
  return std::nullopt;
}

/// After every new result up to 50, then when there are 10 % more.
inline bool fit_is_due(int results_then, int results_now) {
  if (results_now <= 50) return results_now != results_then;
  return results_now >= results_then + std::ceil(0.1 * results_then) || results_now < results_then;
}

}  // namespace vernier::search::gp
