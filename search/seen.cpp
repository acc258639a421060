#include "search/seen.h"

#include "core/error.h"

namespace vernier::search {

bool Seen::continued_by(const History& history) const {
  const auto& trials = history.trials;
  if (trials.size() < known_.size()) return false;
  const auto same = [&](std::size_t i) {
    return trials[i].number == numbers_[i] && trials[i].config == known_[i];
  };
  if (!known_.empty() && !same(0)) return false;
  for (std::size_t back = 1; back <= known_.size(); back *= 2)
    if (!same(known_.size() - back)) return false;
  return true;
}

void Seen::update(const History& history) {
  if (!continued_by(history)) {
    numbers_.clear();
    known_.clear();
    keys_.clear();
    ++restarts_;
  }
  for (std::size_t i = known_.size(); i < history.trials.size(); ++i) {
    const Config& config = history.trials[i].config;
    numbers_.push_back(history.trials[i].number);
    known_.push_back(config);
    try {
      keys_.insert(space_->canonical(config).key());
    } catch (const UsageError&) {
      // Outside the space, from before it changed: no sampler can propose it.
      keys_.insert(config.key());
    }
  }
}

}  // namespace vernier::search
