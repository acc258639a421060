#include "experiments/library/settings.h"

#include <unistd.h>

#include <algorithm>
#include <climits>

#include "core/error.h"
#include "core/hash.h"
#include "core/text.h"
#include "experiments/library/space_impl.h"
#include "experiments/study/parameters.h"

namespace vernier::experiments {
namespace {

constexpr const char* name_letters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

void check_name(const std::string& name) {
  const bool plain = name.find_first_not_of(name_letters) == std::string::npos;
  if (name.empty() || name.size() > 100 || !plain || name.front() == '.' || name.front() == '-')
    fail<UsageError>(
        "[study] is named '{}'; expected 1 to 100 letters, digits and . _ - (not . or - first)",
        printable(name.substr(0, 100)));
}

Json chosen(const std::string& type, const std::map<std::string, Value>& options) {
  Json json{{"type", type}};
  for (const auto& [name, value] : options) json[name] = to_json(value);
  return json;
}

std::vector<std::pair<std::string, bool>> objectives_of(const StudyOptions& options) {
  std::vector<Direction> directions = options.directions;
  if (directions.empty()) directions = {options.direction.value_or(Direction::minimize)};
  std::vector<std::string> names = options.metrics;
  for (std::size_t k = names.size(); k < directions.size() && options.metrics.empty(); ++k)
    names.push_back(directions.size() == 1 ? "value" : fmt::format("value_{}", k + 1));
  if (names.size() != directions.size())
    fail<UsageError>("[study] {} metrics for {} objectives; expected a name for each", names.size(),
                     directions.size());
  std::vector<std::pair<std::string, bool>> objectives;
  for (std::size_t k = 0; k < names.size(); ++k) {
    const bool twice = std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(k),
                                 names[k]) != names.begin() + static_cast<std::ptrdiff_t>(k);
    if (names[k].empty() || names[k].size() > 100 || printable(names[k]) != names[k] || twice)
      fail<UsageError>(
          "[study] a metric is named '{}'{}; expected different names of 1 to 100 printable "
          "characters",
          printable(names[k].substr(0, 40)), twice ? " twice" : "");
    objectives.emplace_back(names[k], directions[k] == Direction::maximize);
  }
  return objectives;
}

Json parameters_json(const std::vector<search::Parameter>& parameters) {
  Json json = Json::object();
  for (const search::Parameter& parameter : parameters)
    json[parameter.name] = parameter_json(parameter);
  return json;
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void need_same(const std::string& what, const Json& stored, const Json& given) {
  if (text_of(stored) == text_of(given)) return;
  fail<UsageError>("[study] was made with {} {}, now {}; expected the same, or another name", what,
                   text_of(stored), text_of(given));
}

}  // namespace

int Settings::max_steps() const {
  return strategy.contains("max_steps") ? strategy["max_steps"].get<int>() : INT_MAX;
}

std::vector<bool> Settings::maximize() const {
  std::vector<bool> all;
  for (const auto& objective : objectives) all.push_back(objective.second);
  return all;
}

Settings new_settings(const StudyOptions& options) {
  check_name(options.name);
  Settings settings;
  settings.name = options.name;
  settings.note = options.note;
  const std::string strategy = options.strategy.empty() ? "full" : options.strategy;
  settings.strategy = chosen(strategy, options.strategy_options);
  if (options.max_steps < 0)
    fail<UsageError>("[study] max_steps is {}; expected at least 1", options.max_steps);
  if (options.max_steps > 0) settings.strategy["max_steps"] = options.max_steps;
  settings.sampler =
      chosen(options.sampler.empty() ? search::default_sampler(strategy) : options.sampler,
             options.sampler_options);
  settings.seed = options.seed.value_or(0);
  if (options.trials < 0)
    fail<UsageError>("[study] plans {} trials; expected at least 1, or 0: open", options.trials);
  settings.trials = options.trials;
  settings.objectives = objectives_of(options);
  settings.by_run = !options.space.has_value();
  if (options.space) {
    settings.parameters = options.space->impl().parameters;
    settings.constraints = options.space->impl().constraints;
  }
  if (strategy == "pbt")
    fail<UsageError>(
        "[study] strategy pbt copies the states of trials, and a function has none to copy; "
        "expected another strategy");
  if (search::pauses(strategy) && options.max_steps == 0)
    fail<UsageError>("[study] strategy {} without max_steps; expected the steps of a whole trial",
                     strategy);
  if (strategy != "full" && settings.objectives.size() > 1)
    fail<UsageError>(
        "[study] strategy {} with {} objectives; expected one objective, or strategy full",
        strategy, settings.objectives.size());
  (void)make_searcher(settings, settings.parameters, INT_MAX);
  return settings;
}

Settings stored_settings(const store::StudyRecord& study, const StudyOptions& options) {
  const Json& spec = study.spec;
  const Json objective = spec.value("objective", Json());
  if (!objective.is_object() || !objective.contains("function"))
    fail<UsageError>("[study] '{}' is no study of a function; expected another name", study.name);
  Settings settings;
  settings.name = study.name;
  settings.note = options.note.empty() ? study.note : options.note;
  settings.sampler = spec.at("sampler");
  settings.strategy = spec.at("strategy");
  settings.seed = study.seed;
  settings.trials = options.trials > 0 ? options.trials : spec.value("trials", 0);
  settings.objectives = study.objectives;
  settings.by_run = objective.value("define_by_run", false);
  settings.space_since = objective.value("space_since", 0);
  const Places nowhere;
  const Json parameters = spec.value("parameters", Json::object());
  if (!parameters.empty())
    settings.parameters = read_parameters(Reader(parameters, "parameters", nowhere), nullptr);
  settings.constraints = spec.value("constraints", std::vector<std::string>());

  if (!options.sampler.empty())
    need_same("sampler", settings.sampler, chosen(options.sampler, options.sampler_options));
  if (!options.strategy.empty()) {
    Json strategy = chosen(options.strategy, options.strategy_options);
    if (options.max_steps > 0) strategy["max_steps"] = options.max_steps;
    need_same("strategy", settings.strategy, strategy);
  }
  if (options.seed) need_same("seed", settings.seed, *options.seed);
  if (options.direction || !options.directions.empty() || !options.metrics.empty()) {
    StudyOptions now = options;
    if (now.metrics.empty())
      for (const auto& known : settings.objectives) now.metrics.push_back(known.first);
    if (!now.direction && now.directions.empty())
      for (const auto& known : settings.objectives)
        now.directions.push_back(known.second ? Direction::maximize : Direction::minimize);
    const std::size_t count = now.directions.empty() ? 1 : now.directions.size();
    if (count != settings.objectives.size())
      fail<UsageError>("[study] '{}' has {} objectives, now {}; expected as many", study.name,
                       settings.objectives.size(), count);
    const auto json = [](const auto& objectives) {
      Json list = Json::array();
      for (const auto& [name, maximize] : objectives)
        list.push_back(Json{{name, maximize ? "maximize" : "minimize"}});
      return list;
    };
    need_same("objectives", json(settings.objectives), json(objectives_of(now)));
  }
  if (options.space) {
    if (settings.by_run)
      fail<UsageError>("[study] '{}' finds its space by its trials; expected no space", study.name);
    need_same("parameters", parameters, parameters_json(options.space->impl().parameters));
    need_same("constraints", settings.constraints, options.space->impl().constraints);
  }
  return settings;
}

store::NewStudy study_row(const Settings& settings) {
  store::NewStudy row;
  row.name = settings.name;
  row.note = settings.note;
  Json& spec = row.spec = Json{{"version", 1}, {"study", settings.name}};
  spec["objective"] = {{"function", "library"}, {"define_by_run", settings.by_run}};
  if (settings.space_since > 0) spec["objective"]["space_since"] = settings.space_since;
  spec["metric"] = Json::array();
  for (const auto& [name, maximize] : settings.objectives)
    spec["metric"].push_back(
        {{"name", name}, {"goal", maximize ? "maximize" : "minimize"}, {"reduce", "best"}});
  spec["sampler"] = settings.sampler;
  spec["strategy"] = settings.strategy;
  spec["seed"] = settings.seed;
  spec["parameters"] = parameters_json(settings.parameters);
  if (!settings.constraints.empty()) spec["constraints"] = settings.constraints;
  row.spec_hash = content_hash(text_of(spec));
  if (!settings.note.empty()) spec["note"] = settings.note;
  if (settings.trials > 0) spec["trials"] = settings.trials;
  row.spec_text = spec.dump(2, ' ', false, Json::error_handler_t::replace);
  row.seed = settings.seed;
  row.trials = settings.trials;
  row.sampler = settings.sampler.at("type");
  row.strategy = settings.strategy.at("type");
  for (const search::Parameter& parameter : settings.parameters)
    row.params.push_back(param_record(parameter));
  row.objectives = settings.objectives;
  row.code_version = VERNIER_VERSION;
  char host[256] = "";
  if (gethostname(host, sizeof host - 1) == 0) row.host = host;
  return row;
}

Searcher make_searcher(const Settings& settings, std::vector<search::Parameter> parameters,
                       int trials) {
  Searcher made;
  // A space that no trial has shown yet: nothing is proposed from it.
  const bool unknown = settings.by_run && parameters.empty();
  made.space = std::make_unique<search::Space>(std::move(parameters), settings.constraints);
  search::SamplerContext sampler;
  sampler.space = made.space.get();
  sampler.seed = settings.seed;
  sampler.budget = settings.trials;
  sampler.objectives = static_cast<int>(settings.objectives.size());
  std::optional<search::Space> stand_in;
  if (unknown) {  // the sampler's name and options are checked all the same
    search::Parameter any;
    any.name = "x";
    any.kind = search::Kind::int_;
    stand_in.emplace(std::vector{any});
    sampler.space = &*stand_in;
  }
  sampler.options = settings.sampler;
  const std::string name = settings.sampler.at("type");
  search::StrategyContext context;
  context.sampler = search::make_sampler(name, sampler);
  if (unknown) {
    sampler.space = made.space.get();
    sampler.options = Json::object();
    context.sampler = search::make_sampler("random", sampler);
  }
  context.space = made.space.get();
  context.trials = trials;
  context.max_steps = settings.max_steps();
  context.options = settings.strategy;
  context.options.erase("max_steps");
  context.seed = settings.seed;
  context.maximize = settings.objectives.front().second;
  made.strategy = search::make_strategy(settings.strategy.at("type"), std::move(context));
  return made;
}

}  // namespace vernier::experiments
