// One study as the report's analysis sees it: plain records from the store, curves side by side.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/store.h"

namespace vernier::reports {

/// The measurements of one trial. NaN where a step lacks a metric.
struct Curve {
  std::vector<int> steps;                    // increasing
  std::vector<std::vector<double>> metrics;  // [metric of StudyData::metrics][position in steps]
  std::vector<double> seconds;               // since the trial began, per step; empty: not measured
  store::NamedValues timings = {};           // of the last step: seconds, examples_per_second, ...

  bool empty() const { return steps.empty(); }
};

struct StudyData {
  store::StudyRecord study;
  std::string objective;  // the first metric; empty where the study names none
  bool maximize = false;
  std::vector<store::TrialRecord> trials;         // kind "search", by number
  std::vector<store::TrialRecord> repeats;        // every other kind
  std::vector<std::string> metrics;               // the objective first where it was measured
  std::vector<Curve> curves;                      // of `trials`, in their order
  std::vector<store::Event> events;               // in order of arrival
  std::map<int, std::vector<double>> objectives;  // by number, where the study has several
  std::map<int, store::NamedValues> facts;        // by number: parameters, flops, bytes
  std::map<int, std::vector<store::Artifact>> artifacts;  // of the trials whose page is wanted

  /// Smaller is better, whatever the study's direction.
  double minimised(double value) const { return maximize ? -value : value; }
  /// The position of a metric in `metrics`.
  std::optional<std::size_t> metric(const std::string& name) const;
};

/// Throws NotFoundError for an unknown study, StoreError for the file.
/// `before`, of the same study and file, lends the curves of trials that had finished then: they do not change.
StudyData load_study(const store::Store& store, const std::string& name,
                     const StudyData* before = nullptr);

/// The artifacts of the best ranked trial, where there is one.
void add_best_artifacts(const store::Store& store, StudyData& data);

/// The rows of one trial, arranged by metric. Names missing in `metrics` are appended.
Curve arrange(const std::vector<store::StepRow>& rows, std::vector<std::string>& metrics);

}  // namespace vernier::reports
