// What a study of the library is, as options say it and as the database keeps it.
#pragma once
#include <vernier/study.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/json.h"
#include "search/strategy.h"
#include "store/records.h"

namespace vernier::experiments {

struct Settings {
  std::string name, note;
  Json sampler, strategy;  // {"type": "gp", ...}
  std::uint64_t seed = 0;
  int trials = 0;                                        // planned; 0: open
  std::vector<std::pair<std::string, bool>> objectives;  // metric, maximise
  bool by_run = true;                                    // the space is found by trials
  std::vector<search::Parameter> parameters;
  std::vector<std::string> constraints;
  int space_since = 0;  // what samplers fitted for trials up to this one belongs to another space

  /// INT_MAX: open.
  int max_steps() const;
  std::vector<bool> maximize() const;
};

/// Of a study that is not there yet. Throws UsageError.
Settings new_settings(const StudyOptions& options);
/// Of one that is; throws UsageError where `options` ask for something else, or where it is no study of a function.
Settings stored_settings(const store::StudyRecord& study, const StudyOptions& options);
/// The row in the database.
store::NewStudy study_row(const Settings& settings);

struct Searcher {
  std::unique_ptr<search::Space> space;
  std::unique_ptr<search::Strategy> strategy;
};
/// `trials`: in all, for the strategy. Throws UsageError.
Searcher make_searcher(const Settings& settings, std::vector<search::Parameter> parameters,
                       int trials);

}  // namespace vernier::experiments
