#include "search/gp/candidates.h"

#include <algorithm>
#include <cmath>

#include "core/rng.h"

namespace vernier::search::gp {
namespace {

constexpr std::uint32_t region_stream = 19;
constexpr double step_sizes[] = {0.2, 0.05, 0.01, 0.002};
constexpr int most_changes = 64;         // single discrete changes of one incumbent
constexpr double least_distance = 0.05;  // squared, in units of the lengthscales

constexpr double moved_in_region = 20;  // parameters, on average

/// Sobol point `unit` into the region: numbers into the box, and where there are many parameters most stay at the centre.
void into_region(const SearchTask& task, Rng& rng, std::vector<double>& unit) {
  const auto& axes = task.embedding->axes();
  const double share = std::min(1.0, moved_in_region / static_cast<double>(axes.size()));
  const std::size_t surely = rng.below(axes.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    double& u = unit[static_cast<std::size_t>(axes[i].parameter)];
    const bool moves = rng.uniform() < share || i == surely;
    if (!moves)
      u = task.region->centre.unit[static_cast<std::size_t>(axes[i].parameter)];
    else if (!axes[i].choice)
      u = task.region->lower[i] + u * (task.region->upper[i] - task.region->lower[i]);
  }
}

/// Into [0, 1], folded back at the ends.
double reflected(double u) {
  u = std::fabs(std::fmod(u, 2.0));
  return u > 1.0 ? 2.0 - u : u;
}

void clamp(const SearchTask& task, std::vector<double>& unit) {
  const auto& axes = task.embedding->axes();
  for (std::size_t i = 0; i < axes.size(); ++i) {
    double& u = unit[static_cast<std::size_t>(axes[i].parameter)];
    if (!axes[i].choice) u = std::clamp(u, task.region->lower[i], task.region->upper[i]);
  }
}

void add_steps(const SearchTask& task, const Point& from, int steps, Rng& rng,
               std::vector<Candidate>& out) {
  const auto& axes = task.embedding->axes();
  for (int s = 0; s < steps; ++s) {
    Point point = from;
    const double size = step_sizes[s % std::size(step_sizes)];
    // Every second step moves a few parameters only.
    const double share = s % 2 == 0 ? 1.0 : std::min(1.0, 2.0 / static_cast<double>(axes.size()));
    for (const EmbeddedAxis& axis : axes) {
      const bool moves = rng.uniform() < share;
      const double step = size * rng.normal();
      if (moves && !axis.choice)
        point.unit[axis.parameter] = reflected(point.unit[axis.parameter] + step);
    }
    if (task.region) clamp(task, point.unit);
    task.activity->activate(point);
    out.push_back({std::move(point), 0});
  }
}

/// One number anywhere in its range, the rest as it is: what a valley beyond a hill needs where the others are right already.
void add_jumps(const SearchTask& task, const Point& from, int jumps, Rng& rng,
               std::vector<Candidate>& out) {
  std::vector<int> numbers;
  for (const EmbeddedAxis& axis : task.embedding->axes())
    if (!axis.choice && from.active[static_cast<std::size_t>(axis.parameter)])
      numbers.push_back(axis.parameter);
  for (int i = 0; i < jumps && !numbers.empty(); ++i) {
    Point point = from;
    point.unit[static_cast<std::size_t>(numbers[rng.below(numbers.size())])] = rng.uniform();
    if (task.region) clamp(task, point.unit);
    task.activity->activate(point);
    out.push_back({std::move(point), 0});
  }
}

void add_changes(const SearchTask& task, const Point& from, Rng& rng, std::vector<Candidate>& out) {
  std::vector<Candidate> changes;
  for (const EmbeddedAxis& axis : task.embedding->axes()) {
    if (axis.levels.empty() || !from.active[axis.parameter]) continue;
    const int own = Embedding::nearest_level(axis, from.unit[axis.parameter]);
    for (int level = 0; level < static_cast<int>(axis.levels.size()); ++level) {
      if (level == own) continue;
      Point point = from;
      point.unit[axis.parameter] = axis.levels[level];
      task.activity->activate(point);
      changes.push_back({std::move(point), 0});
    }
  }
  for (int kept = 0; kept < most_changes && !changes.empty(); ++kept) {
    const std::size_t i = changes.size() <= most_changes ? 0 : rng.below(changes.size());
    std::swap(changes[i], changes.back());
    out.push_back(std::move(changes.back()));
    changes.pop_back();
  }
}

}  // namespace

Matrix embed_all(const Embedding& embedding, const std::vector<Candidate>& candidates) {
  Matrix out(static_cast<Eigen::Index>(candidates.size()), embedding.coordinates());
  for (std::size_t i = 0; i < candidates.size(); ++i)
    out.row(static_cast<Eigen::Index>(i)) = embedding.embed(candidates[i].point);
  return out;
}

std::vector<Candidate> sobol_candidates(const SearchTask& task, int count) {
  std::vector<Candidate> out(static_cast<std::size_t>(count));
  const std::uint32_t first = task.number * static_cast<std::uint32_t>(count);
  Rng rng({task.seed, Stream::sampler, region_stream}, task.number);
  for (std::size_t i = 0; i < out.size(); ++i) {
    Point& point = out[i].point;
    point.unit.resize(task.space->size());
    task.sobol->point(first + static_cast<std::uint32_t>(i), point.unit);
    if (task.region) into_region(task, rng, point.unit);
    task.activity->activate(point);
  }
  const Vector values = task.landscape.screen(embed_all(*task.embedding, out).cast<float>());
  for (std::size_t i = 0; i < out.size(); ++i) out[i].value = values[static_cast<Eigen::Index>(i)];
  return out;
}

std::vector<Candidate> neighbour_candidates(const SearchTask& task, int steps) {
  std::vector<Candidate> out;
  Rng rng({task.seed, Stream::sampler, 1}, task.number);
  for (const Point& incumbent : task.incumbents) {
    out.push_back({incumbent, 0});
    add_steps(task, incumbent, steps, rng, out);
    if (task.jumps) add_jumps(task, incumbent, steps / 2, rng, out);
    add_changes(task, incumbent, rng, out);
  }
  if (out.empty()) return out;
  const Vector values = task.landscape.evaluate(embed_all(*task.embedding, out), false).value;
  for (std::size_t i = 0; i < out.size(); ++i) out[i].value = values[static_cast<Eigen::Index>(i)];
  return out;
}

void choose_starts(const SearchTask& task, std::vector<Candidate>& candidates, std::size_t count,
                   std::vector<Candidate>& chosen) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.value > b.value; });
  Eigen::RowVectorXd scale(task.embedding->coordinates());
  for (int c = 0; c < task.embedding->coordinates(); ++c)
    scale[c] = 1.0 / task.lengthscales[task.embedding->owner()[c]];
  std::vector<Eigen::RowVectorXd> places;
  for (const Candidate& c : chosen)
    places.push_back(task.embedding->embed(c.point).cwiseProduct(scale));
  const bool constrained = !task.space->constraints().empty();
  for (std::size_t i = 0; i < candidates.size() && count > 0; ++i) {
    const Eigen::RowVectorXd place = task.embedding->embed(candidates[i].point).cwiseProduct(scale);
    const bool close = std::any_of(places.begin(), places.end(), [&](const auto& other) {
      return (place - other).squaredNorm() < least_distance;
    });
    if (close || !std::isfinite(candidates[i].value)) continue;
    if (constrained && !task.space->satisfies(task.space->from_unit(candidates[i].point.unit)))
      continue;
    places.push_back(place);
    chosen.push_back(candidates[i]);
    --count;
  }
}

}  // namespace vernier::search::gp
