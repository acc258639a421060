#include "search/gp/boxes.h"

#include <algorithm>
#include <limits>

namespace vernier::search::gp {
namespace {

using Points = std::vector<std::vector<double>>;

struct Slicer {
  const Vector& reference;
  std::vector<double> lower, upper;  // of the objectives sliced so far, last ones first
  std::vector<std::vector<double>> out_lower, out_upper;

  /// `points` by their first `objectives` coordinates.
  void slice(Points points, std::size_t objectives) {
    const std::size_t last = objectives - 1;
    const double ceiling = reference[static_cast<Eigen::Index>(last)];
    std::sort(points.begin(), points.end(),
              [&](const auto& a, const auto& b) { return a[last] < b[last]; });
    if (last == 0) {
      const double end = points.empty() ? ceiling : std::min(ceiling, points.front()[0]);
      add(0, -std::numeric_limits<double>::infinity(), end, {});
      return;
    }
    double from = -std::numeric_limits<double>::infinity();
    Points below;
    for (const auto& point : points) {
      if (point[last] >= ceiling) break;
      add(last, from, point[last], below);
      from = point[last];
      below.push_back(point);
    }
    add(last, from, ceiling, below);
  }

  void add(std::size_t objective, double from, double to, const Points& below) {
    if (!(from < to)) return;
    lower[objective] = from;
    upper[objective] = to;
    if (objective > 0) return slice(below, objective);
    out_lower.push_back(lower);
    out_upper.push_back(upper);
  }
};

Matrix as_matrix(const Points& rows, Eigen::Index columns) {
  Matrix out(static_cast<Eigen::Index>(rows.size()), columns);
  for (Eigen::Index i = 0; i < out.rows(); ++i)
    for (Eigen::Index k = 0; k < columns; ++k)
      out(i, k) = rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(k)];
  return out;
}

}  // namespace

Boxes undominated(const Matrix& front, const Vector& reference) {
  const auto objectives = static_cast<std::size_t>(reference.size());
  Points points;
  for (Eigen::Index i = 0; i < front.rows(); ++i) {
    std::vector<double> point(objectives);
    for (std::size_t k = 0; k < objectives; ++k) point[k] = front(i, static_cast<Eigen::Index>(k));
    points.push_back(std::move(point));
  }
  Slicer slicer{
      reference, std::vector<double>(objectives), std::vector<double>(objectives), {}, {}};
  slicer.slice(std::move(points), objectives);
  return {as_matrix(slicer.out_lower, reference.size()),
          as_matrix(slicer.out_upper, reference.size())};
}

}  // namespace vernier::search::gp
