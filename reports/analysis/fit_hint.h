// Under- and overfitting of one trial, read from a training curve and its validation twin.
#pragma once
#include <optional>
#include <string>

#include "reports/analysis/study_data.h"

namespace vernier::reports {

/// What the two losses say together.
enum class Fit {
  overfits,   // the validation loss rose by > 2 % after best_step while the training loss fell
  too_short,  // still falling at the end: longer training may help
  capacity,   // levelled off with both losses close: the network, not the data, limits it
  gap,  // levelled off with the validation loss well above the training loss: regularise, or more data
};
std::string to_text(Fit fit);

/// A gap below this share of the validation loss is small.
inline constexpr double kSmallGap = 0.1;

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
  Fit fit = Fit::gap;
};

/// nullopt where val_loss or train_loss is missing, or fewer than 3 steps were measured.
std::optional<FitHint> fit_hint(const StudyData& data, std::size_t trial);

}  // namespace vernier::reports
