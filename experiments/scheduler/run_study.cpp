// All of `vernier run`: study, database, strategy and executor brought together.
#include <unistd.h>

#include "core/error.h"
#include "core/text.h"
#include "experiments/scheduler/loop.h"
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

}  // namespace

Summary run(search::Strategy& strategy, Executor& executor, store::Store& store,
            store::StudyId study, const Spec& spec, const Clock& clock, const StopRequests& stop,
            const Observer& observer, store::WriterSocket* socket) {
  return Loop(strategy, executor, store, study, spec, clock, stop, observer, socket).run();
}

Summary run_study(const Spec& spec, const RunOptions& options, const StopRequests& stop,
                  const Observer& observer, const Log& log) {
  const Setup setup(spec, options, log);
  store::Store::Options how;
  how.force_network_fs = options.force_network_fs;
  store::Store store = store::Store::open(options.db, store::Mode::write, how);
  const store::StudyId study = open_study(store, setup.spec());
  store::WriterSocket socket(options.db);
  const SystemClock clock;
  const auto strategy = setup.make_strategy();
  const auto executor = setup.make_executor(options, clock);
  return run(*strategy, *executor, store, study, setup.spec(), clock, stop, observer, &socket);
}

}  // namespace vernier::experiments
