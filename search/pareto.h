// Several objectives, all minimised: who dominates whom, and how evenly a front is covered.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace vernier::search {

/// No objective worse and one better.
bool dominates(std::span<const double> a, std::span<const double> b);

/// The front of each point: 0 is dominated by nobody, 1 only by front 0, ... (the sorting of Deb et al., IEEE TEC 6(2), 2002). O(m n^2).
std::vector<int> fronts(const std::vector<std::vector<double>>& points);

/// Crowding distances of the points of one front (same paper): the extremes of each objective are infinite.
std::vector<double> crowding(const std::vector<std::vector<double>>& front);

/// The `count` best by front, then by crowding distance, then by index: their indices, best first.
std::vector<std::size_t> survivors(const std::vector<std::vector<double>>& points,
                                   std::size_t count);

/// The area that two-dimensional points dominate below `reference`.
double hypervolume(const std::vector<std::vector<double>>& points,
                   std::span<const double> reference);

}  // namespace vernier::search
