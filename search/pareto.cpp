#include "search/pareto.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace vernier::search {

bool dominates(std::span<const double> a, std::span<const double> b) {
  bool better = false;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k] > b[k]) return false;
    better = better || a[k] < b[k];
  }
  return better;
}

std::vector<int> fronts(const std::vector<std::vector<double>>& points) {
  const std::size_t n = points.size();
  std::vector<std::vector<std::size_t>> below(n);
  std::vector<int> above(n, 0), front(n, 0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j) {
      if (dominates(points[i], points[j])) {
        below[i].push_back(j);
        ++above[j];
      } else if (dominates(points[j], points[i])) {
        below[j].push_back(i);
        ++above[i];
      }
    }
  std::vector<std::size_t> now;
  for (std::size_t i = 0; i < n; ++i)
    if (above[i] == 0) now.push_back(i);
  for (int level = 0; !now.empty(); ++level) {
    std::vector<std::size_t> next;
    for (const std::size_t i : now) {
      front[i] = level;
      for (const std::size_t j : below[i])
        if (--above[j] == 0) next.push_back(j);
    }
    now = std::move(next);
  }
  return front;
}

std::vector<double> crowding(const std::vector<std::vector<double>>& front) {
  const std::size_t n = front.size();
  std::vector<double> distance(n, 0);
  if (n == 0) return distance;
  std::vector<std::size_t> order(n);
  for (std::size_t k = 0; k < front.front().size(); ++k) {
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return front[a][k] < front[b][k]; });
    const double range = front[order.back()][k] - front[order.front()][k];
    distance[order.front()] = distance[order.back()] = std::numeric_limits<double>::infinity();
    if (!(range > 0)) continue;
    for (std::size_t i = 1; i + 1 < n; ++i)
      distance[order[i]] += (front[order[i + 1]][k] - front[order[i - 1]][k]) / range;
  }
  return distance;
}

std::vector<std::size_t> survivors(const std::vector<std::vector<double>>& points,
                                   std::size_t count) {
  const std::vector<int> front = fronts(points);
  std::vector<double> distance(points.size(), 0);
  const int last = front.empty() ? -1 : *std::max_element(front.begin(), front.end());
  for (int level = 0; level <= last; ++level) {
    std::vector<std::size_t> members;
    std::vector<std::vector<double>> values;
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (front[i] != level) continue;
      members.push_back(i);
      values.push_back(points[i]);
    }
    const std::vector<double> apart = crowding(values);
    for (std::size_t i = 0; i < members.size(); ++i) distance[members[i]] = apart[i];
  }
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return front[a] != front[b] ? front[a] < front[b] : distance[a] > distance[b];
  });
  order.resize(std::min(order.size(), count));
  return order;
}

double hypervolume(const std::vector<std::vector<double>>& points,
                   std::span<const double> reference) {
  std::vector<std::pair<double, double>> inside;
  for (const auto& p : points)
    if (p[0] < reference[0] && p[1] < reference[1]) inside.emplace_back(p[0], p[1]);
  std::sort(inside.begin(), inside.end());
  double area = 0, ceiling = reference[1];
  for (const auto& [x, y] : inside) {
    if (y >= ceiling) continue;
    area += (reference[0] - x) * (ceiling - y);
    ceiling = y;
  }
  return area;
}

}  // namespace vernier::search
