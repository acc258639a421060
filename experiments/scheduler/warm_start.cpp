#include "experiments/scheduler/warm_start.h"

#include "core/error.h"
#include "core/text.h"
#include "experiments/scheduler/objective.h"
#include "experiments/study/dotted.h"

namespace vernier::experiments {
namespace {

/// nullopt: outside the space.
std::optional<Config> translated(const Config& config, const Json& file,
                                 const search::Space& space) {
  Config out;
  for (const search::Parameter& parameter : space.parameters()) {
    if (const Value* value = config.find(parameter.name)) {
      out.set(parameter.name, *value);
    } else if (const Json fixed = get_dotted(file, parameter.name);
               !fixed.is_null() && !fixed.is_structured()) {
      out.set(parameter.name, value_from_json(fixed));
    }
  }
  try {
    Config whole = space.canonical(out);
    if (space.satisfies(whole)) return whole;
  } catch (const UsageError&) {
  }
  return std::nullopt;
}

}  // namespace

std::vector<search::EarlierStudy> earlier_studies(const store::Store& store, const Spec& spec,
                                                  const search::Space& space, double created) {
  std::vector<search::EarlierStudy> all;
  const MetricSpec& metric = spec.metrics.front();
  for (const std::string& name : spec.warm_start) {
    const store::StudyRecord study = store.study(name);
    const std::string where = spec.places.value("warm_start");
    if (study.objectives.empty() || study.objectives.front().first != metric.name ||
        study.objectives.front().second != metric.maximize)
      fail<UsageError>("{}[warm_start] study '{}' has another objective; expected {} of {}", where,
                       name, metric.name, metric.maximize ? "maximize" : "minimize");
    search::EarlierStudy found;
    int trials = 0;
    for (const store::TrialRecord& trial : store.trials(study.id)) {
      const bool counts = trial.kind == "search" && trial.state == store::State::completed &&
                          trial.value && trial.ended && *trial.ended <= created;
      if (!counts) continue;
      ++trials;
      auto config = translated(trial.config, study.spec, space);
      if (!config) continue;
      found.configs.push_back(std::move(*config));
      found.values.push_back(flipped(*trial.value, metric.maximize));
    }
    if (found.configs.empty())
      fail<UsageError>(
          "{}[warm_start] none of the {} completed trials of '{}' lies in this space; expected "
          "some",
          where, trials, name);
    all.push_back(std::move(found));
  }
  return all;
}

}  // namespace vernier::experiments
