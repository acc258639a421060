// `vernier check`: what a run would do, without doing it.
#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "experiments/scheduler/engine_executor.h"
#include "experiments/scheduler/setup.h"

namespace vernier::experiments {

CheckReport check_study(const Spec& spec, const RunOptions& options, const Log& log) {
  CheckReport report;
  const Log collect = [&](Level level, const std::string& text) {
    if (level == Level::warning) {
      if (std::find(report.warnings.begin(), report.warnings.end(), text) == report.warnings.end())
        report.warnings.push_back(text);
    } else {
      log(level, text);
    }
  };
  RunOptions checked = options;
  checked.start_later = true;
  const Setup setup(spec, checked, collect);
  report.cardinality = setup.space().cardinality();
  report.samples = setup.samples(5);
  report.lanes = setup.lanes();
  if (report.cardinality && *report.cardinality < setup.spec().trials) {
    report.warnings.push_back(
        fmt::format("{} trials of a space of {} configurations: the search ends when all are tried",
                    setup.spec().trials, format_number(*report.cardinality, 9)));
  }
  report.estimates.resize(report.samples.size());
  if (spec.command) return report;

  const auto devices = chosen_devices(setup.engine(), setup.spec().resources);
  const Feasibility feasibility(setup.spec(), setup.engine(), devices.front());
  const std::size_t memory =
      spec.resources.memory > 0 ? spec.resources.memory : devices.front().memory;
  double seconds = 0;
  for (std::size_t i = 0; i < report.samples.size(); ++i) {
    engine::Estimate estimate = feasibility.estimate(report.samples[i]);
    seconds += estimate.update_us * 1e-6 * estimate.updates_per_step *
               setup.spec().settings(report.samples[i], 1).steps();
    if (const auto why = feasibility.infeasible(report.samples[i], memory)) {
      estimate.feasible = false;
      estimate.why = *why;
    }
    report.estimates[i] = estimate;
  }
  if (!report.samples.empty() && !devices.front().gpu) {  // the prediction is of a CPU core
    report.predicted_seconds =
        seconds / static_cast<double>(report.samples.size()) * setup.spec().trials / report.lanes;
  }
  return report;
}

}  // namespace vernier::experiments
