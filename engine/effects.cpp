#include "engine/effects.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "engine/models/registry.h"

namespace vernier::engine {
namespace {

/// What one alternative takes of the keys that some take and others do not.
struct Taken {
  std::string name;
  std::vector<std::string> keys;
};
/// A key that chooses, and its alternatives. Keys below `prefix` that no alternative names have an effect always.
struct Choice {
  std::string key, prefix;
  std::vector<Taken> alternatives;
};

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> list;
  if (!text.empty()) list = split(text, ' ');
  return list;
}

const std::vector<Choice>& choices() {
  static const std::vector<Choice> table = [] {
    Choice models{"model.type", "model.", {}};
    for (const auto& [name, keys] : model_keys())
      models.alternatives.push_back({name, words(keys)});
    const Choice optimizers{"train.optimizer",
                            "train.",
                            {{"sgd", {}},
                             {"momentum", {"momentum"}},
                             {"momentum_ema", {"momentum"}},
                             {"nesterov", {"momentum"}},
                             {"adagrad", {"eps"}},
                             {"rmsprop", {"momentum", "beta2", "eps"}},
                             {"adam", {"beta1", "beta2", "eps"}},
                             {"amsgrad", {"beta1", "beta2", "eps"}},
                             {"adamw", {"beta1", "beta2", "eps"}},
                             {"nadam", {"beta1", "beta2", "eps"}}}};
    const Choice schedules{"train.schedule.type",
                           "train.schedule.",
                           {{"constant", {}},
                            {"step", {"gamma", "every"}},
                            {"exponential", {"gamma"}},
                            {"cosine", {"final_share"}},
                            {"linear", {"final_share"}},
                            {"one_cycle", {}},
                            {"plateau", {"gamma", "patience"}}}};
    return std::vector<Choice>{models, optimizers, schedules};
  }();
  return table;
}

bool takes(const Taken& alternative, const std::string& key) {
  return std::find(alternative.keys.begin(), alternative.keys.end(), key) != alternative.keys.end();
}

void check_one(const Choice& choice, const std::string& given,
               const std::vector<std::string>& possible) {
  if (!given.starts_with(choice.prefix) || given == choice.key) return;
  const std::string key = given.substr(choice.prefix.size());
  const std::string first = key.substr(0, key.find('.'));  // model.layers.c1.filters
  const auto& all = choice.alternatives;
  if (std::none_of(all.begin(), all.end(), [&](const Taken& t) { return takes(t, first); })) return;
  std::string expected;
  for (const Taken& alternative : all) {
    if (std::find(possible.begin(), possible.end(), alternative.name) == possible.end()) continue;
    if (takes(alternative, first)) return;
    expected += (expected.empty() ? "" : "; ") + alternative.name +
                (alternative.keys.empty() ? " takes none of its kind"
                                          : " takes " + join(alternative.keys, ", "));
  }
  if (expected.empty()) return;  // unknown names are refused elsewhere
  fail<UsageError>("[{}] has no effect with {} {}; {}", printable(given), choice.key,
                   join(possible, " or "), expected);
}

void collect(const Json& json, const std::string& path, std::vector<std::string>& keys) {
  if (!json.is_object()) {
    keys.push_back(path);
    return;
  }
  for (const auto& [key, value] : json.items())
    collect(value, path.empty() ? key : path + "." + key, keys);
}

}  // namespace

void check_effects(const std::vector<std::string>& given, const Alternatives& alternatives) {
  for (const Choice& choice : choices()) {
    const std::vector<std::string> possible = alternatives(choice.key);
    for (const std::string& key : given) check_one(choice, key, possible);
  }
}

Alternatives chosen(const TrialSettings& settings) {
  return [model = settings.model.type, optimizer = settings.train.optimizer,
          schedule = settings.train.schedule.type](const std::string& key) {
    return std::vector<std::string>{key == "model.type"        ? model
                                    : key == "train.optimizer" ? optimizer
                                                               : schedule};
  };
}

std::vector<std::string> keys_given(const Json& sections) {
  std::vector<std::string> keys;
  collect(sections, "", keys);
  return keys;
}

}  // namespace vernier::engine
