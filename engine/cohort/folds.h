// The lanes of one trial under `data.folds: k`, whatever back end computes them: their rows become one, their checkpoints one.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace vernier::engine {

class FoldRows {
 public:
  explicit FoldRows(std::size_t folds) : last_(folds), taken_(folds, false) {}

  /// Row of fold `f` in the step that is trained now.
  void take(std::size_t f, MetricRow row);
  /// What was taken since the last call, as one row: results are the folds' means, pictures those of the first, beside the half width of a 95 %
  /// interval for the mean of each validation metric (Student's t over the folds), "val_acc_margin". A fold that has ended counts with its last
  /// row; the trial ends with the last of them, and diverges with the first. Nothing where nothing was taken.
  std::optional<MetricRow> merge();

  /// `parts`: a checkpoint of each fold.
  Checkpoint pack(const std::vector<Checkpoint>& parts, const std::string& device_kind) const;
  /// The folds' checkpoints, and their last rows taken over. Throws UsageError for another number of folds.
  std::vector<Checkpoint> unpack(const Checkpoint& from);

 private:
  std::vector<MetricRow> last_;
  std::vector<bool> taken_;
};

/// Means of what is in every row, by place.
Metrics means(const std::vector<Metrics>& rows);

/// "val_acc_margin" for "val_acc".
std::string margin_name(const std::string& metric);
/// Whether folds have a margin for it: not of single classes (train.record).
bool has_margin(const std::string& metric);

}  // namespace vernier::engine
