// What claims say of a single trial: its settings, and one number of its results.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/expr/expr.h"
#include "reports/analysis/study_data.h"

namespace vernier::reports {

using Studies = std::span<const StudyData* const>;

/// "gpu" or "cpu", by the name of the device that the trial ended on; empty where it ran nowhere or on another kind.
std::string device_class(const store::TrialRecord& trial);

/// What is known of a trial before its results: its parameters, the study's settings of data, model, train and augment where they
/// are no parameter (dotted), parameters, flops and bytes, and study, study.seed, sampler, strategy, device ("cpu" or "gpu").
Value setting_of(const StudyData& data, const store::TrialRecord& trial, std::string_view name);
/// Every name that setting_of knows in one of them.
std::vector<std::string> setting_names(Studies studies);

/// A claim's `where`.
class ClaimFilter {
 public:
  /// Empty: every trial. Throws UsageError for what is no expression over setting_names.
  ClaimFilter(Studies studies, const std::string& text);
  bool holds(const StudyData& data, const store::TrialRecord& trial) const;

 private:
  std::optional<expr::Node> node_;
};

/// A claim's metric: the name of one, or an expression over metrics, setting_names, steps, best_step, seconds, and timings of the last step. Metrics are taken at the
/// trial's best step (without one: the last step that has it), the objective is the trial's value. last(metric) and best(metric) as in
/// filters: at the last step, and the best over all steps by the metric's own direction.
class ClaimMetric {
 public:
  /// Throws UsageError where `text` is neither a metric of the studies nor such an expression.
  ClaimMetric(Studies studies, const std::string& text);
  /// Of `data.trials[row]`; nullopt where it is not ranked, or has no finite value. Throws UsageError for texts in arithmetic.
  std::optional<double> of(const StudyData& data, std::size_t row) const;
  /// Of a repeat, which has the objective alone.
  std::optional<double> of_repeat(const StudyData& data, const store::TrialRecord& repeat) const;

 private:
  expr::Node node_;
};

}  // namespace vernier::reports
