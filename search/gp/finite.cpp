#include "search/gp/finite.h"

#include <algorithm>

namespace vernier::search::gp {
namespace {

constexpr double most_configurations = 4096;
constexpr std::size_t block = 512;

}  // namespace

FiniteSpace::FiniteSpace(const Space& space, const Embedding& embedding)
    : space_(&space), embedding_(&embedding) {
  const std::optional<double> count = space.cardinality();
  small_ = count && *count <= most_configurations;
  finite_ = true;
  for (std::size_t i = 0; i < space.size(); ++i) finite_ = finite_ && !space.axis(i).continuous();
}

std::optional<Config> FiniteSpace::maximise(const SearchTask& task) {
  if (configs_.empty()) {
    space_->enumerate([&](const Config& config) {
      configs_.push_back(config);
      return true;
    });
    points_.resize(static_cast<Eigen::Index>(configs_.size()), embedding_->coordinates());
    for (std::size_t i = 0; i < configs_.size(); ++i)
      points_.row(static_cast<Eigen::Index>(i)) =
          embedding_->embed(*embedding_->point(configs_[i]));
  }
  std::vector<Eigen::Index> left;
  for (std::size_t i = 0; i < configs_.size(); ++i)
    if (!task.taken(configs_[i])) left.push_back(static_cast<Eigen::Index>(i));
  std::optional<std::size_t> best;
  double most = 0;
  for (std::size_t first = 0; first < left.size(); first += block) {
    const std::size_t count = std::min(block, left.size() - first);
    Matrix points(static_cast<Eigen::Index>(count), points_.cols());
    for (std::size_t i = 0; i < count; ++i)
      points.row(static_cast<Eigen::Index>(i)) = points_.row(left[first + i]);
    const Vector values = task.landscape.evaluate(points, false).value;
    for (std::size_t i = 0; i < count; ++i) {
      const double value = values[static_cast<Eigen::Index>(i)];
      if (best && !(value > most)) continue;
      best = static_cast<std::size_t>(left[first + i]);
      most = value;
    }
  }
  if (!best) return std::nullopt;
  return configs_[*best];
}

}  // namespace vernier::search::gp
