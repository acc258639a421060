// Studies that differ in one thing, as arms of a comparison: what differs between them, and the best value of each seed.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reports/analysis/certainty.h"
#include "reports/analysis/over_seeds.h"
#include "reports/analysis/paired.h"
#include "reports/analysis/study_data.h"

namespace vernier::reports {

struct Arm {
  std::string label;
  std::vector<const StudyData*> studies;
  std::map<std::uint64_t, double>
      value;  // by seed: the best value; the mean where a seed was used twice
  std::optional<MeanInterval> interval;  // over seeds; n >= 2
};

/// One arm against another on their common seeds; positive: the first is better.
struct ArmPair {
  std::size_t first = 0, second = 0;
  Paired paired;
};

struct Comparison {
  std::string objective;
  bool maximize = false;
  std::vector<std::string> differs;  // dotted names of what differs: "sampler", "train.lr"
  std::vector<Arm> arms;             // best mean first; an arm without a value last
  std::vector<ArmPair>
      pairs;  // the best against each other, then the others among themselves (at most 6 arms)
  std::vector<std::string> apart;  // studies with another objective or other data: not comparable
};

/// nullopt with fewer than 2 comparable studies. Studies are of one arm when their specifications agree but for what does not
/// belong to the treatment: names, notes, seeds, claims, limits, resources, keep, planned trials. Where every study is an arm of its own and
/// several things differ, and where what differs is too long to read, arms are named by their studies.
std::optional<Comparison> compare(const std::vector<StudyData>& studies);

}  // namespace vernier::reports
