// A random forest over the unit cube: fast to fit, and its means over any subset of dimensions are exact.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace vernier::search {

/// Regression trees on bootstrap samples (Breiman, Machine Learning 45, 2001), each grown until leaves hold fewer than 4 different trials; a split
/// considers 5 of 6 dimensions, at least one, and lies midway between neighbours. Deterministic by seed.
class Forest {
 public:
  /// `x`: (n, d) in [0, 1]; `categories[j]`: number of choices of dimension j, 0 for ordered ones. A choice is cell floor(x * categories); splits
  /// of a category separate one subset of its choices, ordered by their mean value, from the rest.
  Forest(const std::vector<std::vector<double>>& x, std::span<const double> y,
         std::span<const int> categories, std::uint64_t seed, int trees = 64);

  double predict(std::span<const double> x) const;
  /// The mean of the forest over the unit cube with dimension `j` (and `k`, if >= 0) fixed at each of the values given: row-major, (a, b).
  std::vector<double> marginal(int j, std::span<const double> a, int k,
                               std::span<const double> b) const;

 private:
  struct Node {
    int dimension = -1;  // -1: leaf
    double at = 0;       // ordered: left where x < at
    std::vector<char> left_choices;
    int left = 0, right = 0;
    double value = 0;
  };
  struct Tree {
    std::vector<Node> nodes;
  };
  bool goes_left(const Node& node, double x) const;
  void fill(const Tree& tree, std::size_t node, double weight, std::vector<double>& low,
            std::vector<double>& high, std::vector<std::vector<char>>& allowed, int j,
            std::span<const double> a, int k, std::span<const double> b,
            std::vector<double>& out) const;

  std::vector<int> categories_;
  std::vector<Tree> trees_;

  friend class Grower;
};

}  // namespace vernier::search
