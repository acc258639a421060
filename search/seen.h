// The configurations that a sampler must not propose again.
#pragma once
#include <string>
#include <unordered_set>
#include <vector>

#include "search/history.h"
#include "search/space.h"

namespace vernier::search {

/// The set of all configurations of a history, whatever became of them. A cache: update() adds what is new and starts over where
/// the history is another one, by the numbers and configurations at its ends and at doubling distances from the last.
class Seen {
 public:
  explicit Seen(const Space& space) : space_(&space) {}

  void update(const History& history);
  bool contains(const Config& config) const { return keys_.contains(config.key()); }
  /// How often it started over.
  int restarts() const { return restarts_; }

 private:
  bool continued_by(const History& history) const;

  const Space* space_;
  std::vector<int> numbers_;
  std::vector<Config> known_;  // as the history had them
  std::unordered_set<std::string> keys_;
  int restarts_ = 0;
};

}  // namespace vernier::search
