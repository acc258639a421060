// All of `vernier run`: study, database, strategy and executor brought together.
#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.h"
#include "core/text.h"
#include "experiments/scheduler/loop.h"
#include "experiments/scheduler/new_study.h"
#include "experiments/scheduler/objective.h"
#include "experiments/scheduler/ordered_executor.h"
#include "experiments/scheduler/setup.h"
#include "experiments/scheduler/warm_start.h"
#include "experiments/study/amend.h"

namespace vernier::experiments {
namespace {

/// The same study with a wider space: its file, hash and definitions become the new ones, the old space is remembered.
void amend(store::Store& store, const store::StudyRecord& existing, const Spec& before,
           Spec& spec) {
  check_widening(before, spec);
  const auto trials = store.trials(existing.id);
  remember_space(before, trials.empty() ? 0 : trials.back().number, spec);
  store.transaction([&] {
    store.amend_study(existing.id, new_study(spec));
    store.add_event(existing.id, {SystemClock().wall(), std::nullopt, "amended",
                                  join(differences(before.deciding(), spec.deciding()), ", ")});
  });
}

/// Claims decide nothing: those of the file replace those there were.
void keep_claims(store::Store& store, const store::StudyRecord& existing, const Spec& spec) {
  const auto claims = [](const Json& json) {
    return json.contains("claim") ? json["claim"] : Json();
  };
  if (claims(existing.spec) == claims(spec.json)) return;
  store::NewStudy to = existing;
  to.spec_text = spec.text;
  to.spec.erase("claim");
  if (spec.json.contains("claim")) to.spec["claim"] = spec.json["claim"];
  store.amend_study(existing.id, to);
}

// The study of this name continues only where everything that decides results is the same, or wider and amended.
store::StudyId open_study(store::Store& store, Spec& spec, bool may_amend) {
  const auto existing = store.find_study(spec.study);
  if (!existing) return store.create_study(new_study(spec));
  if (existing->spec_hash == spec.hash()) {
    if (existing->spec.contains("spaces")) spec.json["spaces"] = existing->spec["spaces"];
    keep_claims(store, *existing, spec);
  } else if (const Spec before = spec_from_json(existing->spec); may_amend) {
    amend(store, *existing, before, spec);
  } else {
    fail<UsageError>(
        "study '{}' in {} was made with other settings: {}; expected the same, --amend where only "
        "the space is wider, or --as NAME for another study",
        spec.study, store.file().string(),
        join(differences(before.deciding(), spec.deciding()), ", "));
  }
  return existing->id;
}

/// The order of events depends on the number of lanes: it is the same each time the study goes on.
void keep_lanes(store::Store& store, store::StudyId study, int lanes) {
  const std::string text = fmt::format("{} lanes", lanes);
  for (const store::Event& event : store.events(study)) {
    if (event.kind != "deterministic") continue;
    if (event.text == text) return;
    fail<UsageError>(
        "[deterministic] this study was searched with {}, now with {}; expected the same --jobs",
        event.text, text);
  }
  for (const store::TrialRecord& trial : store.trials(study)) {
    if (trial.kind != "search") continue;
    fail<UsageError>(
        "[deterministic] this study was begun without --deterministic; expected --as NAME for "
        "another study");
  }
  store.add_event(study, {SystemClock().wall(), std::nullopt, "deterministic", text});
}

}  // namespace

Summary run(search::Strategy& strategy, Executor& executor, store::Store& store,
            store::StudyId study, const Spec& spec, const Clock& clock, const StopRequests& stop,
            const Observer& observer, store::WriterSocket* socket) {
  return Loop(strategy, executor, store, study, spec, clock, stop, observer, socket).run();
}

namespace {

/// Where a trial hangs in a thread of ours, what the thread uses stays until the process ends.
struct Stage {
  std::unique_ptr<const Setup> setup;
  std::unique_ptr<Executor> executor;
  Stage() = default;
  Stage(const Stage&) = delete;
  ~Stage() {
    if (!executor || !executor->stuck()) return;
    (void)executor.release();
    (void)setup.release();
  }
};

Summary search_study(const Spec& spec, const RunOptions& options, const StopRequests& stop,
                     const Observer& observer, const Log& log) {
  Stage stage;
  stage.setup = std::make_unique<const Setup>(spec, options, log);
  const Setup& setup = *stage.setup;
  Spec kept = setup.spec();
  if (!kept.warm_start.empty())  // refused before anything is written
    (void)earlier_studies(store::Store::open(options.db, store::Mode::read), kept, setup.space(),
                          HUGE_VAL);
  store::Store::Options how;
  how.force_network_fs = options.force_network_fs;
  store::Store store = store::Store::open(options.db, store::Mode::write, how);
  const store::StudyId study = open_study(store, kept, options.amend);
  store::WriterSocket socket(options.db);
  const SystemClock clock;
  const auto strategy = setup.make_strategy(
      earlier_studies(store, kept, setup.space(), store.study(kept.study).created));
  stage.executor = setup.make_executor(options, clock);
  if (options.deterministic) {
    keep_lanes(store, study, stage.executor->lanes());
    const double now = virtual_time(store, study, *stage.executor);
    const bool one_at_a_time = spec.limits.target || spec.limits.regret;
    stage.executor =
        std::make_unique<OrderedExecutor>(std::move(stage.executor), now, one_at_a_time);
  }
  return run(*strategy, *stage.executor, store, study, kept, clock, stop, observer, &socket);
}

/// Which of the best lack repeats, and how many: (number, seeds), the best first. None unless the search is over.
std::vector<std::pair<int, int>> missing_repeats(const store::Store& store, const Spec& spec) {
  const store::StudyRecord study = store.study(spec.study);
  std::vector<std::pair<int, int>> missing;
  if (!spec.repeats || study.state != "finished") return missing;
  const bool maximize = !study.objectives.empty() && study.objectives.front().second;
  std::vector<std::pair<double, int>> best;
  std::map<int, int> done;
  for (const store::TrialRecord& trial : store.trials(study.id)) {
    if (trial.kind == "repeat" && trial.parent) ++done[*trial.parent];
    const bool whole = trial.kind == "search" && trial.state == store::State::completed;
    if (whole && trial.value) best.emplace_back(flipped(*trial.value, maximize), trial.number);
  }
  std::sort(best.begin(), best.end());
  best.resize(std::min(best.size(), static_cast<std::size_t>(spec.repeats->top)));
  for (const auto& [value, number] : best)
    if (done[number] < spec.repeats->seeds)
      missing.emplace_back(number, spec.repeats->seeds - done[number]);
  return missing;
}

}  // namespace

Summary run_study(const Spec& spec, const RunOptions& options, const StopRequests& stop,
                  const Observer& observer, const Log& log) {
  Summary summary = search_study(spec, options, stop, observer, log);
  if (!spec.repeats) return summary;
  const auto missing = missing_repeats(store::Store::open(options.db, store::Mode::read), spec);
  for (const auto& [number, seeds] : missing) {
    log(Level::info, fmt::format("repeats: #{} with {} other seeds", number, seeds));
    (void)repeat_trial(options, spec.study, number, seeds, false, log, stop.pause);
    summary.interrupted = stop.pause.stop_requested();
    if (summary.interrupted) {
      summary.why = "interrupted";
      break;
    }
  }
  return summary;
}

}  // namespace vernier::experiments
