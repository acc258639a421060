// A study's claim, "A is better than B", judged by the paired interval of its own trials.
#pragma once
#include <optional>
#include <string>

#include "reports/analysis/paired.h"
#include "reports/analysis/study_data.h"

namespace vernier::reports {

enum class ClaimVerdict { supported, contradicted, undecided };
std::string to_text(ClaimVerdict verdict);

struct Claim {
  std::string text;    // as the study file says it
  std::string arms;    // the parameter whose values are compared
  std::string better;  // its two values, as text
  std::string than;
  std::string metric;
  bool maximize = false;  // of the metric
  Paired paired;          // better - than, positive where the claim says so
  ClaimVerdict verdict = ClaimVerdict::undecided;
  std::string why;  // one sentence with the figures
};

/// From the specification's `claim: {text, arms, better, than, metric}`; nullopt where there is none or it is garbled.
/// A pair is two ranked trials (or repeats) that agree in every parameter but `arms` and, for repeats, in their seed; where several agree, their
/// mean. The metric (default: the objective) is taken at each trial's best step; its direction is the objective's where it is one,
/// else larger is better for names with acc, auc, f1, r2, precision, recall or score. Supported: the 95 % interval of the
/// paired difference lies above 0; contradicted: below; else undecided.
std::optional<Claim> judge_claim(const StudyData& data);

}  // namespace vernier::reports
