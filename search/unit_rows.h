// The configurations of a history as points of the unit cube.
#pragma once
#include <vector>

#include "search/history.h"
#include "search/space.h"

namespace vernier::search {

/// One row a trial: the coordinate of each parameter, NaN where it is inactive. A cache: rows whose configuration did not change are kept.
class UnitRows {
 public:
  explicit UnitRows(const Space& space) : space_(&space) {}

  void update(const History& history);
  /// Empty for a configuration from outside the space.
  const std::vector<double>& row(std::size_t trial) const { return rows_[trial].unit; }
  bool inside(std::size_t trial) const { return rows_[trial].inside; }
  std::size_t size() const { return rows_.size(); }

 private:
  struct Row {
    Config config;
    bool inside = false;
    std::vector<double> unit;
  };
  const Space* space_;
  std::vector<Row> rows_;
};

}  // namespace vernier::search
