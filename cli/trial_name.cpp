#include "cli/trial_name.h"

#include "core/error.h"
#include "core/text.h"
#include "store/query/query.h"

namespace vernier::cli {

TrialName parse_trial_name(const std::string& text) {
  const auto hash = text.rfind('#');
  if (hash == std::string::npos) return {text, std::nullopt, false};
  const std::string tail = text.substr(hash + 1);
  if (tail == "best") return {text.substr(0, hash), std::nullopt, true};
  const auto number = parse_int(tail);
  if (!number || *number < 1 || *number > 1'000'000'000) {
    fail<UsageError>("'{}' names no trial; expected STUDY#NUMBER or STUDY#best", printable(text));
  }
  return {text.substr(0, hash), static_cast<int>(*number), false};
}

std::optional<int> best_trial(const store::Store& store, const store::StudyRecord& study) {
  const store::Table table = store::top(store.file(), study.name, 1, "", "");
  if (table.rows.empty()) return std::nullopt;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i] == "number") return static_cast<int>(as_number(table.rows[0][i]));
  }
  return std::nullopt;
}

store::TrialRecord find_trial(const store::Store& store, const TrialName& name) {
  const store::StudyRecord study = store.study(name.study);
  if (name.number) return store.trial(study.id, *name.number);
  if (!name.best)
    fail<UsageError>("'{}' is a study; expected a trial: {}#NUMBER or {}#best", name.study,
                     name.study, name.study);
  const auto best = best_trial(store, study);
  if (!best) fail<NotFoundError>("study '{}' has no successful trial yet", name.study);
  return store.trial(study.id, *best);
}

}  // namespace vernier::cli
