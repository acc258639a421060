// Which trials a claim is about, and what each is worth to it.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "reports/analysis/claim.h"

namespace vernier::reports {

/// A trial or repeat of one of the two arms that ended.
struct ClaimRow {
  ClaimTrial trial;
  bool repeat = false;      // then `trial.row` counts in StudyData::repeats
  bool better = false;      // its arm
  std::vector<Value> pair;  // what must agree, to sort pairs by; the value of ClaimSpec::pair first
  std::string key;          // of `pair`: equal where pairs are
  std::string label;        // of `pair`, as a person reads it
  std::optional<double> value;  // of the metric
  double cost = 0;              // the objective, smaller is better; infinite without
};

/// Data, model, train, augment and program of a study, as text: what is trained, whatever searches it. Two studies of the same can be compared.
std::string what_is_trained(const StudyData& data);

/// From claim.studies: fills trials, arms (but for `lost`) and unfinished of `claim`, and gives the rows of its arms. Throws UsageError for expressions that
/// do not fit.
std::vector<ClaimRow> claim_rows(const std::vector<StudyData>& studies, Claim& claim);

/// The parameters of a trial that neither are the arm nor pair it: "train.lr 0.01, model.width 64".
std::string other_settings(const store::TrialRecord& trial, const ClaimSpec& claim);

}  // namespace vernier::reports
