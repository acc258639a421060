#include "experiments/scheduler/new_study.h"

#include <unistd.h>

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

}  // namespace

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

}  // namespace vernier::experiments
