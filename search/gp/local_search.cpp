#include "search/gp/local_search.h"

#include <algorithm>
#include <cmath>

#include "search/gp/lbfgsb.h"

namespace vernier::search::gp {
namespace {

bool satisfies(const SearchTask& task, const Point& point) {
  return task.space->constraints().empty() ||
         task.space->satisfies(task.space->from_unit(point.unit));
}

bool allowed(const SearchTask& task, const Point& point) {
  if (!task.finite && task.space->constraints().empty()) return true;
  const Config config = task.space->from_unit(point.unit);
  return task.space->satisfies(config) && !(task.finite && task.taken(config));
}

/// The axes that L-BFGS-B moves at this point.
std::vector<int> continuous_axes(const SearchTask& task, const Point& point) {
  std::vector<int> out;
  const auto& axes = task.embedding->axes();
  for (int i = 0; i < static_cast<int>(axes.size()); ++i)
    if (axes[i].levels.empty() && point.active[axes[i].parameter]) out.push_back(i);
  return out;
}

struct Run {
  std::size_t start;
  std::vector<int> axes;
  Lbfgsb optimiser;
};

Run make_run(const SearchTask& task, std::size_t start, const Point& point, std::vector<int> axes,
             int evaluations) {
  const auto n = static_cast<Eigen::Index>(axes.size());
  Vector x(n), lower(n), upper(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto axis = static_cast<std::size_t>(axes[static_cast<std::size_t>(i)]);
    const double l = task.lengthscales[axis];
    x[i] = point.unit[task.embedding->axes()[axis].parameter] / l;
    lower[i] = (task.region ? task.region->lower[axis] : 0.0) / l;
    upper[i] = (task.region ? task.region->upper[axis] : 1.0) / l;
  }
  LbfgsbLimits limits;
  limits.evaluations = evaluations;
  return {start, std::move(axes), Lbfgsb(x, lower, upper, limits)};
}

void place(const SearchTask& task, const Run& run, const Vector& x, Point& point) {
  for (std::size_t i = 0; i < run.axes.size(); ++i)
    point.unit[task.embedding->axes()[run.axes[i]].parameter] =
        std::clamp(x[static_cast<Eigen::Index>(i)] * task.lengthscales[run.axes[i]], 0.0, 1.0);
}

/// Along the way back from `there` to a point that satisfies the constraints.
void retreat(const SearchTask& task, Candidate& start, Point there) {
  for (int halving = 0; halving < 12; ++halving) {
    for (std::size_t i = 0; i < there.unit.size(); ++i)
      there.unit[i] = (there.unit[i] + start.point.unit[i]) / 2;
    task.activity->activate(there);
    if (!satisfies(task, there)) continue;
    Matrix row = task.embedding->embed(there);
    const double value = task.landscape.evaluate(row, false).value[0];
    if (value > start.value) start = {there, value};
    return;
  }
}

void climb_continuous(const SearchTask& task, int evaluations, std::vector<Candidate>& starts,
                      const std::vector<char>& wanted) {
  std::vector<Run> runs;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    std::vector<int> axes = continuous_axes(task, starts[i].point);
    if (wanted[i] && !axes.empty())
      runs.push_back(make_run(task, i, starts[i].point, std::move(axes), evaluations));
  }
  std::vector<Run*> open;
  for (;;) {
    open.clear();
    for (Run& run : runs)
      if (run.optimiser.wants_value()) open.push_back(&run);
    if (open.empty()) break;
    Matrix points(static_cast<Eigen::Index>(open.size()), task.embedding->coordinates());
    for (std::size_t j = 0; j < open.size(); ++j) {
      Point point = starts[open[j]->start].point;
      place(task, *open[j], open[j]->optimiser.point(), point);
      points.row(static_cast<Eigen::Index>(j)) = task.embedding->embed(point);
    }
    const Acquisition a = task.landscape.evaluate(points, true);
    for (std::size_t j = 0; j < open.size(); ++j) {
      const Run& run = *open[j];
      Vector gradient(static_cast<Eigen::Index>(run.axes.size()));
      for (std::size_t i = 0; i < run.axes.size(); ++i)
        gradient[static_cast<Eigen::Index>(i)] =
            -a.gradient(static_cast<Eigen::Index>(j), task.embedding->axes()[run.axes[i]].first) *
            task.lengthscales[run.axes[i]];
      open[j]->optimiser.give(-a.value[static_cast<Eigen::Index>(j)], gradient);
    }
  }
  for (const Run& run : runs) {
    Candidate& start = starts[run.start];
    if (!(-run.optimiser.best_value() > start.value)) continue;
    Point point = start.point;
    place(task, run, run.optimiser.best(), point);
    task.activity->activate(point);  // a continuous parent may have switched a dependent
    if (point.active != start.point.active || !satisfies(task, point))
      retreat(task, start, std::move(point));
    else
      start = {std::move(point), -run.optimiser.best_value()};
  }
}

/// Unit coordinates that one axis of a point may take instead.
std::vector<double> alternatives(const SearchTask& task, const EmbeddedAxis& axis, double unit) {
  if (!axis.levels.empty()) return axis.levels;
  const Axis& values = task.space->axis(axis.parameter);
  const std::int64_t own = *values.index(values.at(unit));
  const auto count = static_cast<std::int64_t>(values.count());
  std::vector<double> out = {*values.unit(values.value(own))};
  for (std::int64_t step = 1; step < count; step *= 2) {
    if (own - step >= 0) out.push_back(*values.unit(values.value(own - step)));
    if (own + step < count) out.push_back(*values.unit(values.value(own + step)));
  }
  return out;
}

/// One discrete axis of every start; true in `changed` where a start moved.
void sweep_axis(const SearchTask& task, const EmbeddedAxis& axis, std::vector<Candidate>& starts,
                const std::vector<char>& wanted, std::vector<char>& changed) {
  std::vector<Candidate> tries;
  std::vector<std::size_t> origin;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    if (!wanted[i] || !starts[i].point.active[axis.parameter]) continue;
    for (const double unit : alternatives(task, axis, starts[i].point.unit[axis.parameter])) {
      tries.push_back(starts[i]);
      tries.back().point.unit[axis.parameter] = unit;
      task.activity->activate(tries.back().point);
      origin.push_back(i);
    }
  }
  if (tries.empty()) return;
  const Vector values = task.landscape.evaluate(embed_all(*task.embedding, tries), false).value;
  for (std::size_t first = 0; first < tries.size();) {
    const std::size_t i = origin[first];
    std::vector<std::size_t> order;
    for (; first < tries.size() && origin[first] == i; ++first) order.push_back(first);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return values[static_cast<Eigen::Index>(a)] > values[static_cast<Eigen::Index>(b)];
    });
    // A fine axis must end on a cell, so its own cell replaces the point even where that is a little worse.
    const bool must = axis.levels.empty();
    for (const std::size_t t : order) {
      const double value = values[static_cast<Eigen::Index>(t)];
      if (!must && !(value > starts[i].value + 1e-9)) break;
      if (!allowed(task, tries[t].point)) continue;
      if (value > starts[i].value + 1e-9) changed[i] = 1;
      starts[i] = {tries[t].point, value};
      break;
    }
  }
}

}  // namespace

void climb(const SearchTask& task, const SearchSettings& settings, std::vector<Candidate>& starts) {
  std::vector<char> wanted(starts.size(), 1);
  for (int round = 0; round < settings.rounds; ++round) {
    climb_continuous(task, settings.evaluations, starts, wanted);
    std::vector<char> changed(starts.size(), 0);
    for (const EmbeddedAxis& axis : task.embedding->axes())
      if (!axis.levels.empty() || !task.space->axis(axis.parameter).continuous())
        sweep_axis(task, axis, starts, wanted, changed);
    wanted = changed;
    if (std::none_of(wanted.begin(), wanted.end(), [](char c) { return c != 0; })) return;
  }
}

}  // namespace vernier::search::gp
