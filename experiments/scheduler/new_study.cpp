#include "experiments/scheduler/new_study.h"

#include <unistd.h>

#include "experiments/study/parameters.h"

namespace vernier::experiments {
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
