// The claims of studies, "A is better than B", judged by the interval of paired differences.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "reports/analysis/claim_spec.h"
#include "reports/analysis/paired.h"
#include "reports/analysis/study_data.h"

namespace vernier::reports {

enum class ClaimVerdict { supported, contradicted, undecided };
std::string to_text(ClaimVerdict verdict);

/// A search trial of the studies that were judged.
struct ClaimTrial {
  std::size_t study = 0;  // position in what judge_claims was given
  std::size_t row = 0;    // position in its `trials` and `curves`
  bool operator==(const ClaimTrial&) const = default;
};

/// One arm in one pair.
struct ClaimValue {
  double value = 0;                // of the metric; relative where the claim says so
  std::vector<ClaimTrial> trials;  // what it comes from; none where it comes from repeats alone
  std::string settings;            // others: best: those of the chosen trial, "train.lr 0.01"
};

struct ClaimPair {
  std::string label;  // "train.seed 3", "seed 3", "width 16, lr 0.1"
  ClaimValue better, than;
  double difference = 0;  // positive where `better` is better
};

struct ClaimArm {
  std::vector<ClaimTrial> trials;  // those that ended, with a value or without
  std::optional<ClaimTrial> best;  // of them, by the objective
  int lost = 0;                    // pairs where this arm has no value and the other has one
};

struct Claim : ClaimSpec {
  std::size_t study = 0;             // where it stands (the first, where in several)
  std::vector<std::size_t> studies;  // what was looked at
  std::vector<ClaimTrial> trials;    // that ended and for which `where` holds, of any arm
  ClaimArm better_arm, than_arm;
  std::vector<ClaimPair> pairs;  // in order of what pairs them
  Paired paired;                 // of the differences; p is against the margin, none for `within`
  int seeds = 0;                 // different values of `pair` among the pairs; their number without
  int lost_both = 0;             // pairs where neither arm has a value
  int unpaired = 0;              // pairs of which one arm has no trial at all
  int unfinished = 0;            // trials of the two arms that have not ended
  ClaimVerdict verdict = ClaimVerdict::undecided;
  std::string why;  // one sentence with the figures

  /// 1 to 4 seeds: the verdict stands, and is marked wherever it is shown.
  bool few() const;
  /// "few seeds (3)", or empty.
  std::string mark() const;
};

/// Every claim of these studies, in their order. A claim whose arms are a parameter is judged by the trials of its own study; one over studies by
/// those of all these studies that share its objective, and (but for `arms: study`) data, model, train, augment and program with a study that
/// makes it; where several make it, it is judged once.
///
/// A pair is what agrees in `pair` (others: each: in every parameter but the arm), and for sampler, strategy and device in what is
/// trained. Within a pair and a study an arm's trials become one value: that of the best objective, their mean, or (each) the mean of
/// equal configurations; over several studies their mean. Repeats count beside `each`, paired by their seeds. relative_to takes from each
/// trial the metric of the trial of its study that agrees in all else.
///
/// A trial that failed, diverged or has no finite metric has no value: `best` passes it over, `mean` and `each` have none with it. A
/// pair that lacks a value is lost, counted for the arm, and not invented; an arm that lost pairs which the other has is not called better,
/// nor equal: the verdict is then undecided. Infeasible trials and those that have not ended are as if they were not there.
///
/// Supported: the whole 95 % interval of the mean difference lies above the margin (within: inside (-within, within)); contradicted: below
/// (outside). An interval of width 0 decides from 3 pairs on. Never throws for what a claim says: `why` tells.
std::vector<Claim> judge_claims(const std::vector<StudyData>& studies);

}  // namespace vernier::reports
