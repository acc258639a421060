#include "search/gp/activity.h"

#include <algorithm>
#include <set>
#include <string>

namespace vernier::search::gp {
namespace {

Mask ask_space(const Space& space, const std::vector<double>& unit) {
  const Config config = space.from_unit(unit);
  Mask active(space.size(), 0);
  for (std::size_t i = 0; i < space.size(); ++i)
    active[i] = config.find(space.parameters()[i].name) != nullptr;
  return active;
}

}  // namespace

Activity::Activity(const Space& space, const Embedding& embedding) : space_(&space) {
  std::set<std::string> parents;
  for (const Parameter& p : space.parameters()) {
    if (!p.condition) continue;
    unconditional_ = false;
    for (const std::string& name : expr::names(*p.condition)) parents.insert(name);
  }
  for (const EmbeddedAxis& axis : embedding.axes()) {
    if (!parents.contains(space.parameters()[axis.parameter].name)) continue;
    parents_.push_back(&axis);
    discrete_ = discrete_ && !axis.levels.empty();
  }
  // A shortened name that is no parameter's full one would hide a parent.
  for (const std::string& name : parents)
    discrete_ = discrete_ && std::any_of(space.parameters().begin(), space.parameters().end(),
                                         [&](const Parameter& p) { return p.name == name; });
}

void Activity::activate(Point& point) {
  if (unconditional_) {
    point.active.assign(space_->size(), 1);
    return;
  }
  if (!discrete_) {
    point.active = ask_space(*space_, point.unit);
    return;
  }
  key_.clear();
  for (const EmbeddedAxis* axis : parents_)
    key_.push_back(Embedding::nearest_level(*axis, point.unit[axis->parameter]));
  const auto found = known_.find(key_);
  if (found != known_.end()) {
    point.active = found->second;
    return;
  }
  std::vector<double> unit = point.unit;
  for (std::size_t i = 0; i < parents_.size(); ++i)
    unit[parents_[i]->parameter] = parents_[i]->levels[key_[i]];
  point.active = ask_space(*space_, unit);
  known_.emplace(key_, point.active);
}

}  // namespace vernier::search::gp
