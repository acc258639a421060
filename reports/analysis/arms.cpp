#include "reports/analysis/arms.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/stats.h"
#include "core/text.h"
#include "reports/analysis/ranking.h"

namespace vernier::reports {

namespace {

constexpr std::size_t kMostPaired = 6;
constexpr std::size_t kLongLabel = 60;  // characters
using Settings = std::map<std::string, std::string>;

void flatten(const Json& json, const std::string& path, Settings& into) {
  if (json.is_object() && !json.empty()) {
    for (const auto& [key, value] : json.items())
      flatten(value, path.empty() ? key : path + "." + key, into);
    return;
  }
  into[path] = json.is_string() ? json.get<std::string>()
                                : json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// What makes a study's treatment. Sampler and strategy by name, as the record has them.
Settings treatment(const StudyData& data) {
  Settings settings;
  if (data.study.spec.is_object()) {
    Json spec = data.study.spec;
    for (const char* key :
         {"study", "note", "seed", "claim", "limits", "resources", "keep", "trials", "version"})
      spec.erase(key);
    flatten(spec, "", settings);
  }
  settings.erase("sampler.type");
  settings.erase("strategy.type");
  settings["sampler"] = data.study.sampler;
  settings["strategy"] = data.study.strategy;
  return settings;
}

std::vector<std::string> differing(const std::vector<Settings>& all) {
  std::set<std::string> names;
  for (const auto& settings : all)
    for (const auto& [name, value] : settings) names.insert(name);
  std::vector<std::string> result;
  for (const auto& name : names) {
    const auto at = [&](const Settings& s) { return s.count(name) ? s.at(name) : std::string(); };
    if (std::any_of(all.begin(), all.end(),
                    [&](const Settings& s) { return at(s) != at(all.front()); }))
      result.push_back(name);
  }
  return result;
}

/// Where the sampler's name tells apart what its options would, they go without saying; likewise the strategy's.
void leave_out_options(const std::vector<Settings>& all, std::vector<std::string>& differs) {
  for (const std::string part : {"sampler", "strategy"}) {
    const auto is_option = [&](const std::string& name) { return name.starts_with(part + "."); };
    std::map<std::string, Settings> by_name;
    const bool told = std::all_of(all.begin(), all.end(), [&](const Settings& settings) {
      Settings options;
      for (const auto& [name, value] : settings)
        if (is_option(name)) options.emplace(name, value);
      return by_name.try_emplace(settings.at(part), options).first->second == options;
    });
    if (told) std::erase_if(differs, is_option);
  }
}

std::string label_of(const Settings& settings, const std::vector<std::string>& differs) {
  std::vector<std::string> parts;
  for (const auto& name : differs) {
    const auto found = settings.find(name);
    const std::string value = found == settings.end() ? "none" : found->second;
    parts.push_back(differs.size() == 1 ? value : name + "=" + value);
  }
  return join(parts, ", ");
}

/// What the names of an arm's studies begin with, without the seed's number: "points-gp" of points-gp-1 and points-gp-2.
std::string stem_of(const Arm& arm) {
  std::string stem = arm.studies.front()->study.name;
  for (const StudyData* study : arm.studies) {
    const auto [end, ignored] =
        std::mismatch(stem.begin(), stem.end(), study->study.name.begin(), study->study.name.end());
    stem.erase(end, stem.end());
  }
  if (arm.studies.size() > 1)
    stem.erase(stem.find_last_not_of("0123456789-_.") + 1);  // npos + 1: nothing is left
  return stem;
}

/// Labels that list too many settings to be read become the stems of their studies' names, where those tell the arms apart.
void shorten_labels(std::vector<Arm>& arms) {
  if (std::none_of(arms.begin(), arms.end(),
                   [](const Arm& arm) { return arm.label.size() > kLongLabel; }))
    return;
  std::set<std::string> stems{""};
  for (const Arm& arm : arms)
    if (!stems.insert(stem_of(arm)).second) return;
  for (Arm& arm : arms) arm.label = stem_of(arm);
}

/// What values are of: studies of other data or another program are other problems.
Settings problem(const StudyData& data) {
  Settings all, settings;
  if (data.study.spec.is_object()) flatten(data.study.spec, "", all);
  for (const char* name :
       {"data.set", "data.style", "data.file", "data.target", "objective.command"})
    settings[name] = all[name];
  return settings;
}

void finish(Arm& arm) {
  std::map<std::uint64_t, std::vector<double>> by_seed;
  for (const StudyData* study : arm.studies) {
    const auto order = ranking(*study);
    if (!order.empty()) by_seed[study->study.seed].push_back(*study->trials[order.front()].value);
  }
  std::vector<double> values;
  for (const auto& [seed, found] : by_seed) values.push_back(arm.value[seed] = mean(found));
  arm.interval = mean_interval(values);
}

double mean_of(const Arm& arm) {
  double sum = 0;
  for (const auto& [seed, value] : arm.value) sum += value;
  return sum / static_cast<double>(arm.value.size());
}

}  // namespace

std::optional<Comparison> compare(const std::vector<StudyData>& studies) {
  if (studies.empty()) return std::nullopt;
  Comparison result;
  result.objective = studies.front().objective;
  result.maximize = studies.front().maximize;
  std::vector<const StudyData*> comparable;
  const Settings first = problem(studies.front());
  for (const auto& study : studies) {
    if (study.objective == result.objective && study.maximize == result.maximize &&
        problem(study) == first) {
      comparable.push_back(&study);
    } else {
      result.apart.push_back(study.study.name);
    }
  }
  if (comparable.size() < 2) return std::nullopt;

  std::vector<Settings> settings;
  for (const auto* study : comparable) settings.push_back(treatment(*study));
  result.differs = differing(settings);
  leave_out_options(settings, result.differs);
  std::map<std::string, std::size_t> arm_at;
  for (std::size_t i = 0; i < comparable.size(); ++i) {
    const std::string label = label_of(settings[i], result.differs);
    const auto [found, fresh] = arm_at.try_emplace(label, result.arms.size());
    if (fresh) result.arms.push_back({label, {}, {}, std::nullopt});
    result.arms[found->second].studies.push_back(comparable[i]);
  }
  if (result.differs.size() > 1) shorten_labels(result.arms);
  const bool single = result.arms.size() == comparable.size();
  for (Arm& arm : result.arms) {
    if ((single && result.differs.size() != 1) || arm.label.empty())
      arm.label = arm.studies.front()->study.name;
    finish(arm);
  }
  const auto cost = [&](const Arm& arm) {
    if (arm.value.empty()) return std::numeric_limits<double>::infinity();
    return result.maximize ? -mean_of(arm) : mean_of(arm);
  };
  std::stable_sort(result.arms.begin(), result.arms.end(),
                   [&](const Arm& a, const Arm& b) { return cost(a) < cost(b); });

  for (std::size_t a = 0; a < result.arms.size(); ++a) {
    if (a > 0 && result.arms.size() > kMostPaired) break;
    for (std::size_t b = a + 1; b < result.arms.size(); ++b) {
      std::vector<double> differences;
      for (const auto& [seed, value] : result.arms[a].value) {
        const auto other = result.arms[b].value.find(seed);
        if (other == result.arms[b].value.end()) continue;
        differences.push_back(result.maximize ? value - other->second : other->second - value);
      }
      result.pairs.push_back({a, b, paired(differences)});
    }
  }
  return result;
}

}  // namespace vernier::reports
