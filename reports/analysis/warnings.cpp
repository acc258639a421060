#include "reports/analysis/warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/text.h"
#include "reports/analysis/ranking.h"

namespace vernier::reports {

namespace {

void edges(const std::vector<ParamRange>& ranges, const store::TrialRecord& best,
           std::vector<Warning>& out) {
  for (const auto& range : ranges) {
    const Value* value = best.config.find(range.name);
    if (!range.numeric || range.type == "ordinal" || !value || !is_number(*value)) continue;
    if (range.type == "int" && range.high - range.low < 3) continue;
    const auto at = [&](double x) { return range.log ? std::log(x) : x; };
    const double width = at(range.high) - at(range.low);
    if (!(width > 0)) continue;
    const double share = (at(as_number(*value)) - at(range.low)) / width;
    const bool low = share <= kEdge;
    if (!low && share < 1 - kEdge) continue;
    out.push_back(
        {"edge", range.name,
         fmt::format("The best {} = {} lies at the {} end of its range ({} to {}): a "
                     "wider range may hold a better value.",
                     range.name, format_number(as_number(*value)), low ? "lower" : "upper",
                     format_number(range.low), format_number(range.high))});
  }
}

void failures(const StudyData& data, std::vector<Warning>& out) {
  std::map<std::string, int> lost;
  int finished = 0, total = 0;
  for (const auto& trial : data.trials) {
    if (!store::is_finished(trial.state)) continue;
    ++finished;
    if (is_ranked(trial)) continue;
    ++lost[std::string(store::to_text(trial.state))];
    ++total;
  }
  if (total * 10 <= finished) return;
  std::vector<std::string> parts;
  for (const auto& [state, n] : lost) parts.push_back(fmt::format("{} {}", n, state));
  out.push_back({"failures", "",
                 fmt::format("{} of {} finished trials have no value ({}).", total, finished,
                             join(parts, ", "))});
}

}  // namespace

std::vector<Warning> warnings(const StudyData& data, const std::vector<ParamRange>& ranges,
                              const Certainty& certainty) {
  std::vector<Warning> out;
  const auto order = ranking(data);
  if (!order.empty()) edges(ranges, data.trials[order.front()], out);
  failures(data, out);

  const auto searched = static_cast<int>(std::count_if(
      ranges.begin(), ranges.end(), [](const ParamRange& r) { return r.type != "constant"; }));
  const int ranked = static_cast<int>(order.size());
  const int wanted = std::max(10, 5 * searched);
  if (ranked > 0 && ranked < wanted) {
    out.push_back({"few_trials", "",
                   fmt::format("{} trial{} with a value {} few for {} parameter{}: importance and "
                               "regions are rough below {}.",
                               ranked, ranked == 1 ? "" : "s", ranked == 1 ? "is" : "are", searched,
                               searched == 1 ? "" : "s", wanted)});
  }
  if (certainty.optimism && *certainty.optimism > 0 && ranked >= 20) {
    out.push_back({"optimism", "",
                   fmt::format("One validation set chose among {} trials: about {} of the best "
                               "value may be luck. Unseen data decides.",
                               ranked, format_number(*certainty.optimism, 2))});
  }
  const auto open = std::count_if(data.trials.begin(), data.trials.end(), [](const auto& trial) {
    return !store::is_finished(trial.state);
  });
  if (open > 0) {
    out.push_back({"running", "",
                   fmt::format("{} trial{} not finished yet: running, paused, waiting or "
                               "interrupted.",
                               open, open == 1 ? " is" : "s are")});
  }
  return out;
}

}  // namespace vernier::reports
