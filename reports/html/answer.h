// The answer card's numbers: the best trial, how sure that is, what warns, and the commands that go on from it.
#pragma once
#include <string>

#include "core/json.h"
#include "reports/analysis/ranges.h"
#include "reports/analysis/study_data.h"

namespace vernier::reports {

/// {"best": number or null, "repeats", "noise", "noise_of_seeds", "reach", "within_noise", "runners_up", "optimism", "warnings", "states",
/// "steps", "seconds", "quantiles" (of ranked values: 0, 5, 25, 50, 75, 95, 100 % of the way from best to worst), "commands"}.
/// `db` appears in the commands where it is not the default name.
Json answer(const StudyData& data, const std::vector<ParamRange>& ranges, const std::string& db);

/// " --db FILE" for a command, empty where FILE is the default.
std::string database_option(const std::string& db);

/// A word for a POSIX shell: as it is where that is safe, else in single quotes.
std::string shell_word(const std::string& text);

}  // namespace vernier::reports
