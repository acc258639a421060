// Under- and overfitting of one trial, read from a training curve and its validation twin.
#pragma once
#include <optional>
#include <string>

#include "reports/analysis/study_data.h"

namespace vernier::reports {

/// val_loss against train_loss of one trial.
struct FitHint {
  int number = 0;
  int best_step = 0;  // of the smallest validation loss: where early stopping would stop
  int last_step = 0;
  double best = 0;  // validation loss there
  double last = 0;  // validation loss at the end
  double gap = 0;   // validation - training loss at the end
  bool overfits =
      false;  // the validation loss rose by > 2 % after best_step while the training loss fell
  /// The validation loss is smallest at the last step, and the mean of the last fifth is below that of the one before by more
  /// than the noise (certainty.h): longer training may help.
  bool still_falling = false;
};

/// nullopt where val_loss or train_loss is missing, or fewer than 3 steps were measured.
std::optional<FitHint> fit_hint(const StudyData& data, std::size_t trial);

}  // namespace vernier::reports
