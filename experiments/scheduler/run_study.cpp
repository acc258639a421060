// All of `vernier run`: study, database, strategy and executor brought together.
#include <unistd.h>

#include "core/error.h"
#include "core/text.h"
#include "experiments/scheduler/loop.h"
#include "experiments/scheduler/ordered_executor.h"
#include "experiments/scheduler/setup.h"

namespace vernier::experiments {
namespace {

const char* kind_name(search::Kind kind) {
  switch (kind) {
    case search::Kind::float_:
      return "float";
    case search::Kind::int_:
      return "int";
    case search::Kind::categorical:
      return "categorical";
    case search::Kind::ordinal:
      return "ordinal";
    case search::Kind::bool_:
      return "bool";
    case search::Kind::constant:
      return "constant";
  }
  return "";
}

const char* scale_name(search::Scale scale) {
  switch (scale) {
    case search::Scale::linear:
      return "linear";
    case search::Scale::log:
      return "log";
    case search::Scale::reverse_log:
      return "reverse_log";
    case search::Scale::logit:
      return "logit";
  }
  return "";
}

store::ParamRecord param_record(const search::Parameter& parameter) {
  store::ParamRecord record;
  record.name = parameter.name;
  record.type = kind_name(parameter.kind);
  Json& definition = record.definition = Json::object();
  if (parameter.choices.empty()) {
    definition["low"] = parameter.low;
    definition["high"] = parameter.high;
    definition["scale"] = scale_name(parameter.scale);
    if (parameter.step) definition["step"] = *parameter.step;
  } else {
    for (const Value& choice : parameter.choices) definition["choices"].push_back(to_json(choice));
  }
  if (parameter.condition) definition["when"] = expr::to_text(*parameter.condition);
  return record;
}

store::NewStudy new_study(const Spec& spec) {
  store::NewStudy study;
  study.name = spec.study;
  study.note = spec.note;
  study.spec_text = spec.text;
  study.spec = spec.json;
  study.spec_hash = spec.hash();
  study.seed = spec.seed;
  study.trials = spec.trials;
  study.sampler = spec.sampler;
  study.strategy = spec.strategy;
  for (const search::Parameter& parameter : spec.parameters)
    study.params.push_back(param_record(parameter));
  for (const MetricSpec& metric : spec.metrics)
    study.objectives.emplace_back(metric.name, metric.maximize);
  study.code_version = VERNIER_VERSION;
  char host[256] = "";
  if (gethostname(host, sizeof host - 1) == 0) study.host = host;
  return study;
}

// The study of this name continues only where everything that decides results is the same.
store::StudyId open_study(store::Store& store, const Spec& spec) {
  const auto existing = store.find_study(spec.study);
  if (!existing) return store.create_study(new_study(spec));
  if (existing->spec_hash != spec.hash()) {
    Spec before = spec_from_json(existing->spec);
    fail<UsageError>(
        "study '{}' in {} was made with other settings: {}; expected the same, or --as NAME for "
        "another study",
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

}  // namespace

Summary run_study(const Spec& spec, const RunOptions& options, const StopRequests& stop,
                  const Observer& observer, const Log& log) {
  Stage stage;
  stage.setup = std::make_unique<const Setup>(spec, options, log);
  const Setup& setup = *stage.setup;
  store::Store::Options how;
  how.force_network_fs = options.force_network_fs;
  store::Store store = store::Store::open(options.db, store::Mode::write, how);
  const store::StudyId study = open_study(store, setup.spec());
  store::WriterSocket socket(options.db);
  const SystemClock clock;
  const auto strategy = setup.make_strategy();
  stage.executor = setup.make_executor(options, clock);
  if (options.deterministic) {
    keep_lanes(store, study, stage.executor->lanes());
    const double now = virtual_time(store, study, *stage.executor);
    const bool one_at_a_time = spec.limits.target.has_value();
    stage.executor =
        std::make_unique<OrderedExecutor>(std::move(stage.executor), now, one_at_a_time);
  }
  return run(*strategy, *stage.executor, store, study, setup.spec(), clock, stop, observer,
             &socket);
}

}  // namespace vernier::experiments
