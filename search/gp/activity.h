// Which parameters are active at a point: the space decides, answers are remembered where conditions name discrete parameters only.
#pragma once
#include <map>
#include <span>
#include <vector>

#include "search/gp/embedding.h"
#include "search/space.h"

namespace vernier::search::gp {

/// `space` and `embedding` outlive it. Not thread safe (it remembers).
class Activity {
 public:
  Activity(const Space& space, const Embedding& embedding);
  /// Sets point.active from point.unit.
  void activate(Point& point);
  /// No parameter has a condition.
  bool unconditional() const { return unconditional_; }

 private:
  const Space* space_;
  bool unconditional_ = true;
  bool discrete_ = true;                      // every parameter named by a condition has levels
  std::vector<const EmbeddedAxis*> parents_;  // those with more than one value
  std::map<std::vector<int>, Mask> known_;
  std::vector<int> key_;
};

}  // namespace vernier::search::gp
