#include "experiments/study/overrides.h"

#include "core/error.h"
#include "core/text.h"
#include "experiments/study/dotted.h"

namespace vernier::experiments {
namespace {

/// "parameters.train.lr.max" -> parameters, train.lr, max; others at their dots.
std::vector<std::string> keys_of(const std::string& path, const Json& root) {
  const std::string prefix = "parameters.";
  if (!path.starts_with(prefix)) return split(path, '.');
  const std::string rest = path.substr(prefix.size());
  std::string name;
  if (root.contains("parameters") && root["parameters"].is_object())
    for (const auto& [key, value] : root["parameters"].items())
      if ((rest == key || rest.starts_with(key + ".")) && key.size() > name.size()) name = key;
  if (name.empty()) return {"parameters", rest};
  std::vector<std::string> keys{"parameters", name};
  if (rest.size() > name.size())
    for (const std::string& key : split(rest.substr(name.size() + 1), '.')) keys.push_back(key);
  return keys;
}

void set(Document& document, const std::string& path, Json value, const std::string& option) {
  const std::vector<std::string> keys = keys_of(path, document.json);
  Json* at = &document.json;
  std::string above;  // what is made a section on the way is the option's doing
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].empty())
      fail<UsageError>("{}: an empty name; expected KEY=VALUE with a dotted key", option);
    if (i > 0 && !at->is_object()) document.places.set(above, {option, option});
    if (at->is_string() && i > 0) *at = Json{{"type", *at}};  // sampler: gp, schedule: cosine
    if (at->is_null()) *at = Json::object();
    if (!at->is_object())
      fail<UsageError>("{}: '{}' is not a section; expected one", option, keys[i - 1]);
    at = &(*at)[keys[i]];
    above += (i > 0 ? "." : "") + keys[i];
  }
  *at = std::move(value);
  document.places.replace(path, {option, option});
}

void set_from_text(Document& document, const std::string& text) {
  const auto equals = text.find('=');
  const std::string option = "--set " + printable(text.substr(0, equals));
  if (equals == std::string::npos || equals == 0)
    fail<UsageError>("{}: no '='; expected KEY=VALUE, as train.epochs=5", option);
  const std::string path = text.substr(0, equals);
  if (document.json.contains("parameters") && document.json["parameters"].is_object() &&
      document.json["parameters"].contains(path))
    fail<UsageError>("{}: it is searched; expected --set parameters.{}.value=... to fix it", option,
                     printable(path));
  Document value = read_yaml(text.substr(equals + 1), option);
  if (path.starts_with("parameters.") && path.ends_with(".value")) {
    const std::string name = path.substr(11, path.size() - 17);
    return set(document, "parameters." + name, Json{{"value", value.json}}, option);
  }
  if (path.starts_with("model.layers.")) {
    try {
      document.places.replace(put_dotted(document.json, path, value.json), {option, option});
    } catch (const UsageError& error) {
      fail<UsageError>("{}: {}", option, error.what());
    }
    return;
  }
  set(document, path, std::move(value.json), option);
}

}  // namespace

void apply(const Overrides& overrides, Document& document) {
  for (const std::string& text : overrides.set) set_from_text(document, text);
  const auto put = [&](const char* path, const auto& value, const char* option) {
    if (value) set(document, path, Json(*value), option);
  };
  put("sampler", overrides.sampler, "--sampler");
  if (overrides.strategy) {
    // options of another strategy would be refused: they go with it
    Json& known = document.json["strategy"];
    if (known.is_object() && known.value("type", "") == *overrides.strategy) {
    } else if (known.is_object() && known.contains("max_steps")) {
      set(document, "strategy",
          Json{{"type", *overrides.strategy}, {"max_steps", known["max_steps"]}}, "--strategy");
    } else {
      set(document, "strategy", *overrides.strategy, "--strategy");
    }
  }
  put("study", overrides.study, "--as");
  put("trials", overrides.trials, "--trials");
  put("seed", overrides.seed, "--seed");
  put("resources.devices", overrides.devices, "--devices");
  put("resources.jobs", overrides.jobs, "--jobs");
  put("resources.memory", overrides.memory, "--memory");
  put("limits.wall_time", overrides.time, "--time");
  if (overrides.isolate) set(document, "resources.isolate", true, "--isolate");
}

}  // namespace vernier::experiments
