#include "experiments/study/sections.h"

#include <algorithm>
#include <climits>

#include "core/error.h"
#include "core/text.h"
#include "engine/models/layers.h"
#include "experiments/study/device_names.h"
#include "experiments/study/dotted.h"
#include "experiments/study/parameters.h"
#include "experiments/study/require.h"
#include "search/sampler.h"
#include "search/strategy.h"

namespace vernier::experiments {
namespace {

void check_reduce(const Reader& reader) {
  const std::string text = reader.text();
  if (text == "best" || text == "last") return;
  if (text.starts_with("mean_last_")) {
    const auto n = parse_int(text.substr(10));
    if (n && *n >= 1 && *n <= 1000000) return;
  }
  reader.refuse("best, last or mean_last_N, as mean_last_5");
}

MetricSpec read_metric(const Reader& reader, bool command) {
  MetricSpec metric;
  if (reader.json().is_string()) {
    metric.name = reader.text();
  } else {
    reader.only({"name", "goal", "reduce"});
    if (!reader.has("name")) reader.error("has no name; expected one, as val_acc");
    metric.name = reader.at("name").text();
    if (reader.has("reduce")) {
      check_reduce(reader.at("reduce"));
      metric.reduce = reader.at("reduce").text();
    }
  }
  if (printable(metric.name) != metric.name || metric.name.size() > 100)
    reader.error("expected a name of at most 100 printable characters");
  const auto by_name = maximized_by_name(metric.name);
  if (reader.json().is_object() && reader.has("goal")) {
    metric.maximize = reader.at("goal").one_of({"maximize", "minimize"}) == "maximize";
  } else if (by_name && !command) {
    metric.maximize = *by_name;
  } else if (by_name) {
    metric.maximize = *by_name;
  } else {
    reader.error(fmt::format("no goal for '{}'; expected goal: maximize or minimize", metric.name));
  }
  return metric;
}

Json metric_json(const MetricSpec& metric) {
  return {{"name", metric.name},
          {"goal", metric.maximize ? "maximize" : "minimize"},
          {"reduce", metric.reduce}};
}

template <class Infos>
std::vector<std::string> names_of(const Infos& infos) {
  std::vector<std::string> names;
  for (const auto& info : infos) names.push_back(info.name);
  return names;
}

/// `sampler: gp` or `sampler: {type: gp, ...}`.
Json choice(const Reader& reader, const std::vector<std::string>& names) {
  if (reader.json().is_string()) return {{"type", reader.one_of(names)}};
  reader.section();
  if (!reader.has("type")) reader.error("has no type; expected one of " + join(names, ", "));
  reader.at("type").one_of(names);
  Json json{{"type", reader.json()["type"]}};
  for (const auto& [key, value] : reader.json().items()) json[key] = value;
  return json;
}

std::vector<std::string> texts(const Reader& reader) {
  if (reader.json().is_string()) return {reader.text()};
  reader.list();
  std::vector<std::string> list;
  for (std::size_t i = 0; i < reader.json().size(); ++i) list.push_back(reader.at(i).text());
  return list;
}

/// "[where] text", where `error` came from core/expr or a folder that knows no files.
[[noreturn]] void at_place(const Reader& reader, const UsageError& error) {
  reader.error(error.what());
}

}  // namespace

std::optional<bool> maximized_by_name(const std::string& metric) {
  for (const char* end : {"_acc", "accuracy", "_r2", "_auc", "_f1", "score"})
    if (metric.ends_with(end)) return true;
  for (const char* end : {"loss", "error", "_mse", "_mae", "_rmse"})
    if (metric.ends_with(end)) return false;
  return std::nullopt;
}

void read_metrics(const Reader& study, Spec& spec) {
  spec.metric_given = study.has("metric");
  if (!spec.metric_given) {
    if (spec.command)
      study.error("an external program without metric; expected metric: {name, goal}");
    return;
  }
  const Reader reader = study.at("metric");
  spec.metrics.clear();
  if (reader.json().is_array()) {
    if (reader.json().empty()) reader.error("an empty list; expected a metric");
    for (std::size_t i = 0; i < reader.json().size(); ++i)
      spec.metrics.push_back(read_metric(reader.at(i), spec.command.has_value()));
  } else {
    spec.metrics.push_back(read_metric(reader, spec.command.has_value()));
  }
  spec.json["metric"] = Json::array();
  for (std::size_t i = 0; i < spec.metrics.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j)
      if (spec.metrics[i].name == spec.metrics[j].name)
        reader.error(
            fmt::format("'{}' is there twice; expected different metrics", spec.metrics[i].name));
    spec.json["metric"].push_back(metric_json(spec.metrics[i]));
  }
}

void Spec::set_metric(const MetricSpec& metric) {
  metrics = {metric};
  metric_given = true;
  json["metric"] = Json::array({metric_json(metric)});
}

void read_choices(const Reader& study, Spec& spec) {
  spec.strategy_options = {{"type", spec.strategy}};
  if (study.has("strategy")) {
    const Reader reader = study.at("strategy");
    spec.strategy_options = choice(reader, names_of(search::strategies()));
    if (reader.json().is_object() && reader.has("max_steps"))
      reader.at("max_steps").integer(1, 1000000000);
  }
  spec.strategy = spec.strategy_options["type"];
  spec.sampler_options = {{"type", search::default_sampler(spec.strategy)}};
  if (study.has("sampler"))
    spec.sampler_options = choice(study.at("sampler"), names_of(search::samplers()));
  spec.sampler = spec.sampler_options["type"];
  spec.json["sampler"] = spec.sampler_options;
  spec.json["strategy"] = spec.strategy_options;
}

void read_resources(const Reader& study, Spec& spec) {
  if (!study.has("resources")) return;
  const Reader reader = study.at("resources");
  reader.only({"devices", "jobs", "memory", "isolate"});
  Resources& resources = spec.resources;
  if (reader.has("devices")) {
    resources.devices = reader.at("devices").text();
    if (!device_names(resources.devices)) reader.at("devices").refuse(device_names_expected);
  }
  if (reader.has("jobs")) {
    const Reader jobs = reader.at("jobs");
    if (jobs.json() != "auto") resources.jobs = static_cast<int>(jobs.integer(1, 4096));
  }
  if (reader.has("memory")) resources.memory = reader.at("memory").bytes();
  if (reader.has("isolate")) resources.isolate = reader.at("isolate").boolean();
  spec.json["resources"] = reader.json();
}

void read_limits(const Reader& study, Spec& spec) {
  if (!study.has("limits")) return;
  const Reader reader = study.at("limits");
  reader.only({"wall_time", "device_time", "target", "trial_time", "trial_steps", "trial_memory",
               "retries", "regret"});
  Limits& limits = spec.limits;
  if (reader.has("wall_time")) limits.wall_time = reader.at("wall_time").duration();
  if (reader.has("device_time")) limits.device_time = reader.at("device_time").duration();
  if (reader.has("trial_time")) limits.trial_time = reader.at("trial_time").duration();
  if (reader.has("trial_steps"))
    limits.trial_steps = static_cast<int>(reader.at("trial_steps").integer(1, 1'000'000'000));
  if (reader.has("trial_memory")) limits.trial_memory = reader.at("trial_memory").bytes();
  if (reader.has("target")) limits.target = reader.at("target").number();
  if (reader.has("regret")) {
    limits.regret = reader.at("regret").number(0);
    if (spec.metrics.size() > 1)
      reader.at("regret").error("of several objectives; expected it with one metric");
  }
  if (reader.has("retries"))
    limits.retries = static_cast<int>(reader.at("retries").integer(0, 1000));
  spec.json["limits"] = reader.json();
}

void read_warm_start(const Reader& study, Spec& spec) {
  if (!study.has("warm_start")) return;
  const Reader reader = study.at("warm_start");
  spec.warm_start = texts(reader);
  for (std::size_t i = 0; i < spec.warm_start.size(); ++i) {
    const Reader one = reader.json().is_array() ? reader.at(i) : reader;
    if (spec.warm_start[i] == spec.study) one.error("is this study; expected another one");
    for (std::size_t j = 0; j < i; ++j)
      if (spec.warm_start[j] == spec.warm_start[i])
        one.error("is there twice; expected different studies");
  }
  if (spec.sampler != "gp")
    reader.error(fmt::format("beside sampler {}; expected gp, which can weigh earlier studies",
                             spec.sampler));
  if (spec.metrics.size() > 1) reader.error("beside several objectives; expected one");
  spec.json["warm_start"] = spec.warm_start;
}

void read_repeats(const Reader& study, Spec& spec) {
  if (!study.has("repeats")) return;
  const Reader reader = study.at("repeats");
  Repeats repeats;
  if (reader.json().is_object()) {
    reader.only({"seeds", "only"});
    if (reader.has("seeds")) repeats.seeds = static_cast<int>(reader.at("seeds").integer(1, 1000));
    if (reader.has("only")) {
      const std::string text = reader.at("only").text();
      const auto top =
          text.starts_with("top ") ? parse_int(std::string_view(text).substr(4)) : std::nullopt;
      if (!top || *top < 1 || *top > 1000) reader.at("only").refuse("top N, as top 5");
      repeats.top = static_cast<int>(*top);
    }
  } else {
    repeats.seeds = static_cast<int>(reader.integer(1, 1000));
  }
  spec.repeats = repeats;
  spec.json["repeats"] = {{"seeds", repeats.seeds}, {"only", fmt::format("top {}", repeats.top)}};
}

namespace {

/// What experiments/library keeps: the objective is a function of some program, which alone can run it. No words: no command.
void read_function(const Reader& reader, Spec& spec) {
  reader.only({"function", "define_by_run", "space_since"});
  spec.json["objective"] = Json{{"function", reader.at("function").text()}};
  if (reader.has("define_by_run"))
    spec.json["objective"]["define_by_run"] = reader.at("define_by_run").boolean();
  if (reader.has("space_since"))
    spec.json["objective"]["space_since"] = reader.at("space_since").integer(0, INT_MAX);
  spec.command = CommandSpec();
}

}  // namespace

void read_objective(const Reader& study, Spec& spec) {
  if (!study.has("objective")) return;
  const Reader reader = study.at("objective");
  if (reader.json().is_object() && reader.has("function")) return read_function(reader, spec);
  reader.only({"command", "params", "resumable", "timeout", "dir"});
  if (!reader.has("command")) reader.error("has no command; expected a list of program and words");
  CommandSpec command;
  const Reader words = reader.at("command");
  words.list();
  if (words.json().empty()) words.error("an empty list; expected a program");
  for (std::size_t i = 0; i < words.json().size(); ++i) {
    const Json& word = words.json()[i];
    if (word.is_number() || word.is_boolean()) {
      command.argv.push_back(word.dump());
    } else if (word.is_string()) {
      command.argv.push_back(word.get<std::string>());
    } else {
      words.at(i).refuse("text");
    }
  }
  if (command.argv.front().empty()) words.at(std::size_t{0}).refuse("a program");
  if (reader.has("params")) reader.at("params").one_of({"json"});
  if (reader.has("resumable")) command.resumable = reader.at("resumable").boolean();
  if (reader.has("timeout")) command.timeout = reader.at("timeout").duration();
  std::filesystem::path dir = reader.has("dir") ? reader.at("dir").text() : ".";
  if (dir.is_relative() && !spec.file.empty())
    dir = std::filesystem::absolute(spec.file).parent_path() / dir;
  command.dir = dir.lexically_normal().string();
  if (command.dir.size() > 1 && command.dir.ends_with('/')) command.dir.pop_back();
  for (const char* key : engine_sections)
    if (study.has(key))
      study.at(key).error("stands beside objective; expected it only where the engine trains");
  spec.command = command;
  Json json{{"command", command.argv}, {"dir", command.dir}, {"resumable", command.resumable}};
  if (command.timeout > 0) json["timeout"] = command.timeout;
  spec.json["objective"] = json;
}

namespace {

/// What may be a parameter: every setting of the engine, and of the layers where the study lists them.
std::vector<std::string> searchable(const Spec& spec) {
  std::vector<std::string> names = engine::setting_names();
  const Json layers = get_dotted(spec.json, "model.layers");
  if (layers.is_null()) return names;
  with_place(spec.places, "model", [&] {
    for (const std::string& name : engine::layer_setting_names(layers))
      names.push_back("model.layers." + name);
  });
  return names;
}

}  // namespace

void read_space(const Reader& study, Spec& spec) {
  if (study.has("parameters") && spec.command)
    spec.parameters = read_parameters(study.at("parameters"), nullptr);
  if (study.has("parameters") && !spec.command) {
    const std::vector<std::string> names = searchable(spec);
    spec.parameters = read_parameters(study.at("parameters"), &names);
  }
  Json parameters = Json::object();
  for (const search::Parameter& parameter : spec.parameters)
    parameters[parameter.name] = parameter_json(parameter);
  spec.json["parameters"] = parameters;
  std::vector<std::string> names;
  for (const search::Parameter& parameter : spec.parameters) names.push_back(parameter.name);
  if (study.has("constraints")) {
    const Reader reader = study.at("constraints");
    spec.constraints = texts(reader);
    for (std::size_t i = 0; i < spec.constraints.size(); ++i) {
      const Reader one = reader.json().is_array() ? reader.at(i) : reader;
      try {
        expr::Node node = expr::parse(spec.constraints[i]);
        expr::bind(node, names);
      } catch (const UsageError& error) {
        at_place(one, error);
      }
    }
    spec.json["constraints"] = spec.constraints;
  }
  const std::string where = spec.constraints.empty() ? "parameters" : "constraints";
  with_place(spec.places, where, [&] { (void)spec.space(); });
}

void read_require(const Reader& study, Spec& spec) {
  if (!study.has("require")) return;
  const Reader reader = study.at("require");
  spec.require = texts(reader);
  for (std::size_t i = 0; i < spec.require.size(); ++i) {
    const Reader one = reader.json().is_array() ? reader.at(i) : reader;
    std::vector<std::string> named;
    try {
      expr::Node node = expr::parse(spec.require[i]);
      named = expr::names(node);
      if (!spec.command) expr::bind(node, requirable(spec));
    } catch (const UsageError& error) {
      at_place(one, error);
    }
    if (named.empty())
      one.refuse("a limit on parameters, flops, bytes or a metric, as \"parameters <= 1000000\"");
  }
  spec.json["require"] = spec.require;
}

}  // namespace vernier::experiments
