#include "experiments/imports/finished_trials.h"

#include "core/clock.h"
#include "core/error.h"
#include "experiments/scheduler/new_study.h"

namespace vernier::experiments {

void add_study(const std::filesystem::path& db, const Spec& spec,
               const std::vector<FinishedTrial>& trials, const std::string& origin) {
  store::Store store = store::Store::open(db, store::Mode::write);
  store.transaction([&] {
    const store::StudyId study = store.create_study(new_study(spec));
    for (const FinishedTrial& trial : trials) {
      store.add_finished(study, trial.trial, trial.run, trial.curves, trial.end);
      if (!trial.note.empty()) store.set_note(study, trial.trial.number, trial.note);
    }
    store.add_event(study, {SystemClock().wall(), std::nullopt, "imported", origin});
    store.set_study(study, "finished", std::max(spec.trials, static_cast<int>(trials.size())));
  });
}

std::string study_name(const std::string& name) {
  std::string plain;
  for (const char c : name.substr(0, 100)) {
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    plain += allowed ? c : '-';
  }
  if (plain.empty()) plain = "study";
  if (plain.front() == '.' || plain.front() == '-') plain.front() = '_';
  return plain;
}

}  // namespace vernier::experiments
