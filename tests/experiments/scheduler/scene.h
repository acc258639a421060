// A study in a database of its own, run by the loop on simulated devices.
#pragma once
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "experiments/scheduler/run.h"
#include "experiments/scheduler/setup.h"
#include "experiments/scheduler/simulated.h"
#include "store/store.h"
#include "tests/experiments/support.h"

namespace vernier::experiments::testing {

/// A study of one number x and a metric v to be minimised; `rest`: further lines.
inline std::string simulated_study(const std::string& rest) {
  return "study: s\nobjective: {command: [/bin/true]}\nmetric: {name: v, goal: minimize}\n"
         "sampler: random\nparameters: {x: {min: 0.0, max: 1.0}, size: {min: 1, max: 4}}\n" +
         rest;
}

inline double number(const Config& config, const char* name) {
  return as_number(*config.find(name));
}

/// `steps` steps of a second or two; v falls from step to step towards (x - 0.3)^2.
inline SimulatedObjective falling(int steps) {
  SimulatedObjective objective;
  objective.steps = steps;
  objective.bytes = [](const Config& config) {
    return static_cast<std::size_t>(number(config, "size"));
  };
  objective.step = [](const Config& config, int step) {
    const double x = number(config, "x");
    SimulatedStep made;
    made.seconds = 1 + x;
    made.results = {{"v", (x - 0.3) * (x - 0.3) + (1 + x) / (1 + step)}, {"w", x * step}};
    return made;
  };
  return objective;
}

inline std::vector<SimulatedDevice> devices(int count, std::size_t memory = 4, int most_lanes = 1) {
  std::vector<SimulatedDevice> list;
  for (int i = 0; i < count; ++i)
    list.push_back({"gpu" + std::to_string(i), "simulated", 1, memory, -1, most_lanes});
  return list;
}

class Scene {
 public:
  explicit Scene(const std::string& text) : spec(load(text)), space(spec.space()) {
    open();
    store::NewStudy made;
    made.name = spec.study;
    made.spec = spec.json;
    made.spec_hash = spec.hash();
    made.trials = spec.trials;
    for (const MetricSpec& metric : spec.metrics)
      made.objectives.emplace_back(metric.name, metric.maximize);
    study = store->create_study(made);
  }
  void open() {
    store.reset();
    store = store::Store::open(folder.db(), store::Mode::write);
  }

  std::unique_ptr<search::Strategy> strategy() const { return make_strategy(spec, space); }

  /// As `vernier run` would: everything new but the database.
  Summary go(const SimulatedObjective& objective, const std::vector<SimulatedDevice>& on,
             const Observer& observer = {}, const StopRequests& stop = {}) {
    VirtualClock clock;
    SimulatedExecutor executor(objective, on, clock);
    executor.count_idle_for(1);
    return run(*strategy(), executor, *store, study, spec, clock, stop, observer);
  }

  /// All that a study found, but for times and places.
  std::vector<std::string> rows() const {
    std::vector<std::string> list;
    for (const store::TrialRecord& t : store->trials(study)) {
      std::string row = fmt::format("{} {} {} value {} best {} steps {} '{}' {}:", t.number,
                                    t.config.key(), store::to_text(t.state), t.value.value_or(-1),
                                    t.best_step.value_or(-1), t.steps, t.reason, t.weights_hash);
      for (const store::StepRow& step : store->curve(study, t.number))
        for (const auto& [name, value] : step.results)
          row += fmt::format(" {}.{}={}", step.step, name, value);
      list.push_back(row);
    }
    for (const store::RungRow& rung : store->rungs(study))
      list.push_back(fmt::format("rung {} {} {}", rung.number, rung.step, rung.value));
    return list;
  }
  int count(store::State state) const {
    const auto all = store->trials(study);
    return static_cast<int>(
        std::count_if(all.begin(), all.end(), [&](const auto& t) { return t.state == state; }));
  }
  bool all_finished() const {
    const auto all = store->trials(study);
    return std::all_of(all.begin(), all.end(),
                       [](const auto& t) { return store::is_finished(t.state); });
  }
  int events(const std::string& kind) const {
    const auto all = store->events(study);
    return static_cast<int>(
        std::count_if(all.begin(), all.end(), [&](const auto& e) { return e.kind == kind; }));
  }

  TempFolder folder;
  Spec spec;
  search::Space space;
  std::optional<store::Store> store;
  store::StudyId study = 0;
};

}  // namespace vernier::experiments::testing
