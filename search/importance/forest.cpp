#include "search/importance/forest.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/rng.h"

namespace vernier::search {
namespace {

constexpr std::uint32_t forest_stream = 52;
constexpr std::size_t smallest_leaf = 2;

std::size_t choice_of(double x, int categories) {
  return static_cast<std::size_t>(
      std::clamp(std::floor(x * categories), 0.0, static_cast<double>(categories - 1)));
}

}  // namespace

/// Grows one tree.
class Grower {
 public:
  Grower(const std::vector<std::vector<double>>& x, std::span<const double> y,
         std::span<const int> categories, Rng& rng, Forest::Tree& tree)
      : x_(x), y_(y), categories_(categories), rng_(rng), tree_(tree) {}

  int grow(std::vector<std::size_t> rows) {
    const int own = static_cast<int>(tree_.nodes.size());
    tree_.nodes.emplace_back();
    double sum = 0;
    for (const std::size_t i : rows) sum += y_[i];
    tree_.nodes.back().value = sum / static_cast<double>(rows.size());
    Forest::Node split;
    if (rows.size() < 2 * smallest_leaf || !best_split(rows, split)) return own;
    std::vector<std::size_t> left, right;
    for (const std::size_t i : rows)
      (goes_left(split, x_[i][static_cast<std::size_t>(split.dimension)]) ? left : right)
          .push_back(i);
    if (left.empty() || right.empty()) return own;
    split.value = tree_.nodes[static_cast<std::size_t>(own)].value;
    split.left = grow(std::move(left));
    split.right = grow(std::move(right));
    tree_.nodes[static_cast<std::size_t>(own)] = std::move(split);
    return own;
  }

 private:
  bool goes_left(const Forest::Node& node, double x) const {
    const int c = categories_[static_cast<std::size_t>(node.dimension)];
    return c > 0 ? node.left_choices[choice_of(x, c)] != 0 : x < node.at;
  }

  bool best_split(const std::vector<std::size_t>& rows, Forest::Node& split) {
    const std::size_t d = categories_.size();
    std::vector<std::size_t> order(d);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t j = d; j > 1; --j) std::swap(order[j - 1], order[rng_.below(j)]);
    const std::size_t considered = std::max<std::size_t>(1, (5 * d + 5) / 6);
    double best = 1e-300;
    for (std::size_t m = 0; m < d && (m < considered || split.dimension < 0); ++m) {
      const std::size_t j = order[m];
      // (key, value): ordered dimensions by coordinate, choices by their mean.
      std::vector<double> key(rows.size());
      const int c = categories_[j];
      std::vector<double> mean(static_cast<std::size_t>(std::max(c, 0)), 0);
      if (c > 0) {
        std::vector<double> count(mean.size(), 0);
        for (const std::size_t i : rows) {
          mean[choice_of(x_[i][j], c)] += y_[i];
          ++count[choice_of(x_[i][j], c)];
        }
        for (std::size_t v = 0; v < mean.size(); ++v) mean[v] /= std::max(count[v], 1.0);
      }
      for (std::size_t i = 0; i < rows.size(); ++i)
        key[i] = c > 0 ? mean[choice_of(x_[rows[i]][j], c)] : x_[rows[i]][j];
      std::vector<std::size_t> sorted(rows.size());
      std::iota(sorted.begin(), sorted.end(), std::size_t{0});
      std::sort(sorted.begin(), sorted.end(),
                [&](std::size_t a, std::size_t b) { return key[a] < key[b]; });
      double total = 0, left = 0;
      for (const std::size_t i : rows) total += y_[i];
      const double n = static_cast<double>(rows.size());
      for (std::size_t s = 1; s < sorted.size(); ++s) {
        left += y_[rows[sorted[s - 1]]];
        if (!(key[sorted[s - 1]] < key[sorted[s]])) continue;
        const double l = static_cast<double>(s);
        const double gain =
            left * left / l + (total - left) * (total - left) / (n - l) - total * total / n;
        if (gain <= best) continue;
        best = gain;
        split = Forest::Node();
        split.dimension = static_cast<int>(j);
        const double at = (key[sorted[s - 1]] + key[sorted[s]]) / 2;
        split.at = at;
        for (const double m_v : mean) split.left_choices.push_back(m_v < at);
      }
    }
    return split.dimension >= 0;
  }

  const std::vector<std::vector<double>>& x_;
  std::span<const double> y_;
  std::span<const int> categories_;
  Rng& rng_;
  Forest::Tree& tree_;
};

Forest::Forest(const std::vector<std::vector<double>>& x, std::span<const double> y,
               std::span<const int> categories, std::uint64_t seed, int trees)
    : categories_(categories.begin(), categories.end()) {
  for (int t = 0; t < trees; ++t) {
    Rng rng({seed, Stream::sampler, forest_stream}, static_cast<std::uint32_t>(t));
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < x.size(); ++i) rows.push_back(rng.below(x.size()));
    trees_.emplace_back();
    Grower(x, y, categories_, rng, trees_.back()).grow(std::move(rows));
  }
}

bool Forest::goes_left(const Node& node, double x) const {
  const int c = categories_[static_cast<std::size_t>(node.dimension)];
  return c > 0 ? node.left_choices[choice_of(x, c)] != 0 : x < node.at;
}

double Forest::predict(std::span<const double> x) const {
  double sum = 0;
  for (const Tree& tree : trees_) {
    std::size_t at = 0;
    while (tree.nodes[at].dimension >= 0) {
      const Node& node = tree.nodes[at];
      const bool left = goes_left(node, x[static_cast<std::size_t>(node.dimension)]);
      at = static_cast<std::size_t>(left ? node.left : node.right);
    }
    sum += tree.nodes[at].value;
  }
  return sum / static_cast<double>(trees_.size());
}

/// Walks the tree with the box of the node; `weight`: the share of the cube's other dimensions that the box has.
void Forest::fill(const Tree& tree, std::size_t at, double weight, std::vector<double>& low,
                  std::vector<double>& high, std::vector<std::vector<char>>& allowed, int j,
                  std::span<const double> a, int k, std::span<const double> b,
                  std::vector<double>& out) const {
  const Node& node = tree.nodes[at];
  if (node.dimension < 0) {
    const auto inside = [&](int dimension, double x) {
      const auto i = static_cast<std::size_t>(dimension);
      if (categories_[i] > 0) return allowed[i][choice_of(x, categories_[i])] != 0;
      return x >= low[i] && (x < high[i] || high[i] == 1);
    };
    const std::size_t columns = k < 0 ? 1 : b.size();
    for (std::size_t r = 0; r < a.size(); ++r) {
      if (j >= 0 && !inside(j, a[r])) continue;
      for (std::size_t c = 0; c < columns; ++c)
        if (k < 0 || inside(k, b[c])) out[r * columns + c] += weight * node.value;
    }
    return;
  }
  const auto i = static_cast<std::size_t>(node.dimension);
  const bool fixed = node.dimension == j || node.dimension == k;
  for (const bool left : {true, false}) {
    double share = 1;
    const double old_low = low[i], old_high = high[i];
    const std::vector<char> old_allowed = allowed[i];
    if (categories_[i] > 0) {
      double before = 0, after = 0;
      for (std::size_t v = 0; v < allowed[i].size(); ++v) {
        before += allowed[i][v];
        allowed[i][v] = allowed[i][v] && (node.left_choices[v] != 0) == left;
        after += allowed[i][v];
      }
      share = before > 0 ? after / before : 0;
    } else {
      (left ? high[i] : low[i]) = std::clamp(node.at, old_low, old_high);
      share = old_high > old_low ? (high[i] - low[i]) / (old_high - old_low) : 0;
    }
    const double next = fixed ? weight : weight * share;
    if (share > 0)
      fill(tree, static_cast<std::size_t>(left ? node.left : node.right), next, low, high, allowed,
           j, a, k, b, out);
    low[i] = old_low;
    high[i] = old_high;
    allowed[i] = old_allowed;
  }
}

std::vector<double> Forest::marginal(int j, std::span<const double> a, int k,
                                     std::span<const double> b) const {
  std::vector<double> out(a.size() * (k < 0 ? 1 : b.size()), 0);
  for (const Tree& tree : trees_) {
    std::vector<double> low(categories_.size(), 0), high(categories_.size(), 1);
    std::vector<std::vector<char>> allowed;
    for (const int c : categories_)
      allowed.emplace_back(static_cast<std::size_t>(std::max(c, 0)), 1);
    fill(tree, 0, 1, low, high, allowed, j, a, k, b, out);
  }
  for (double& value : out) value /= static_cast<double>(trees_.size());
  return out;
}

}  // namespace vernier::search
