#include "search/gp/embedding.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace vernier::search::gp {
namespace {

constexpr double most_levels = 64;

EmbeddedAxis make_axis(const Space& space, int parameter) {
  const Parameter& p = space.parameters()[parameter];
  const Axis& axis = space.axis(parameter);
  EmbeddedAxis out;
  out.parameter = parameter;
  out.choice = p.kind == Kind::categorical || p.kind == Kind::bool_;
  out.conditional = p.condition.has_value();
  if (out.choice || p.kind == Kind::ordinal ||
      (!axis.continuous() && axis.count() <= most_levels)) {
    const auto count = static_cast<std::int64_t>(axis.count());
    for (std::int64_t i = 0; i < count; ++i) {
      out.levels.push_back(*axis.unit(axis.value(i)));
      out.positions.push_back(out.levels.back());
    }
    if (p.kind == Kind::ordinal) {
      const double low = as_number(p.choices.front()), high = as_number(p.choices.back());
      for (std::size_t i = 0; i < p.choices.size(); ++i)
        out.positions[i] = (as_number(p.choices[i]) - low) / (high - low);
    }
  }
  const int choices = static_cast<int>(out.levels.size());
  if (out.choice)
    out.count = choices == 2 && !out.conditional ? 1 : choices;
  else
    out.count = out.conditional ? 2 : 1;
  return out;
}

}  // namespace

Embedding::Embedding(const Space& space) : space_(&space) {
  for (int i = 0; i < static_cast<int>(space.size()); ++i) {
    if (space.axis(i).count() <= 1 && !space.parameters()[i].condition) continue;
    if (space.axis(i).count() <= 1 && space.parameters()[i].kind == Kind::constant) continue;
    EmbeddedAxis axis = make_axis(space, i);
    axis.first = coordinates_;
    coordinates_ += axis.count;
    owner_.insert(owner_.end(), axis.count, static_cast<int>(axes_.size()));
    axes_.push_back(std::move(axis));
  }
}

int Embedding::nearest_level(const EmbeddedAxis& axis, double unit) {
  const auto& levels = axis.levels;
  const auto above = std::lower_bound(levels.begin(), levels.end(), unit);
  if (above == levels.begin()) return 0;
  if (above == levels.end()) return static_cast<int>(levels.size()) - 1;
  const auto i = static_cast<int>(above - levels.begin());
  return unit - levels[i - 1] <= levels[i] - unit ? i - 1 : i;
}

std::optional<Point> Embedding::point(const Config& config) const {
  Point out{std::vector<double>(space_->size(), 0.5), Mask(space_->size(), 0)};
  for (std::size_t i = 0; i < space_->size(); ++i) {
    const Value* value = config.find(space_->parameters()[i].name);
    if (value == nullptr) continue;
    const auto unit = space_->axis(i).unit(*value);
    if (!unit || !std::isfinite(*unit)) return std::nullopt;
    out.unit[i] = *unit;
    out.active[i] = 1;
  }
  return out;
}

void Embedding::embed(const Point& point, std::span<double> out) const {
  for (const EmbeddedAxis& axis : axes_) {
    double* to = out.data() + axis.first;
    const bool active = point.active[axis.parameter] != 0;
    const double unit = point.unit[axis.parameter];
    if (axis.choice) {
      std::fill_n(to, axis.count, 0.0);
      if (!active) continue;
      const int level = nearest_level(axis, unit);
      if (axis.count == 1 && !axis.conditional)
        to[0] = level;
      else
        to[level] = std::numbers::sqrt2 / 2;
      continue;
    }
    if (!active) {
      std::fill_n(to, axis.count, 0.5);
      continue;
    }
    to[0] = axis.levels.empty() ? unit : axis.positions[nearest_level(axis, unit)];
    if (axis.conditional) to[1] = 0.0;
  }
}

Eigen::RowVectorXd Embedding::embed(const Point& point) const {
  Eigen::RowVectorXd row(coordinates_);
  embed(point, std::span<double>(row.data(), static_cast<std::size_t>(coordinates_)));
  return row;
}

}  // namespace vernier::search::gp
