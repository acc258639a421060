#include "reports/html/answer.h"

#include <fmt/format.h>

#include <map>

#include "core/stats.h"
#include "reports/analysis/certainty.h"
#include "reports/analysis/ranking.h"
#include "reports/analysis/warnings.h"

namespace vernier::reports {

std::string shell_word(const std::string& text) {
  static constexpr char kSafe[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,+@%";
  if (!text.empty() && text.find_first_not_of(kSafe) == std::string::npos) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string database_option(const std::string& db) {
  return db == "vernier.db" ? "" : " --db " + shell_word(db);
}

Json answer(const StudyData& data, const std::vector<ParamRange>& ranges, const std::string& db) {
  const auto order = ranking(data);
  const Certainty sure = certainty(data);
  Json json = Json::object();
  json["best"] = order.empty() ? Json() : Json(data.trials[order.front()].number);
  json["repeats"] = nullptr;
  if (sure.repeats) {
    json["repeats"] = {{"n", sure.repeats->n},
                       {"mean", sure.repeats->mean},
                       {"half_width", sure.repeats->half_width}};
  }
  json["noise_of_seeds"] = sure.noise_of_seeds;
  json["noise"] = sure.noise ? Json(*sure.noise) : Json();
  json["reach"] = sure.reach ? Json(*sure.reach) : Json();
  json["within_noise"] = sure.within_noise;
  json["optimism"] = sure.optimism ? Json(*sure.optimism) : Json();
  Json runners = Json::array();
  for (const auto& runner : sure.runners_up) {
    runners.push_back({{"number", data.trials[runner.trial].number},
                       {"behind", runner.behind},
                       {"within_noise", runner.within_noise}});
  }
  json["runners_up"] = runners;
  Json said = Json::array();
  for (const auto& warning : warnings(data, ranges, sure)) {
    said.push_back({{"kind", warning.kind}, {"param", warning.param}, {"text", warning.text}});
  }
  json["warnings"] = said;
  std::map<std::string, int> states;
  double steps = 0, seconds = 0;
  for (const auto& trial : data.trials) {
    ++states[std::string(store::to_text(trial.state))];
    steps += trial.steps;
    seconds += trial.seconds;
  }
  json["states"] = states;
  json["steps"] = steps;
  json["seconds"] = seconds;
  json["quantiles"] = Json::array();
  if (!order.empty()) {
    std::vector<double> costs;
    for (const std::size_t i : order) costs.push_back(data.minimised(*data.trials[i].value));
    for (const double p : {0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0}) {
      json["quantiles"].push_back(data.minimised(quantile(costs, p)));
    }
  }
  json["commands"] = Json::array();
  if (!order.empty()) {
    const std::string where = database_option(db);
    const std::string& name = data.study.name;
    const int number = data.trials[order.front()].number;
    json["commands"].push_back(
        {{"does", "trains the best again and compares bit for bit"},
         {"text", fmt::format("vernier rerun {}{}", shell_word(fmt::format("{}#{}", name, number)),
                              where)}});
    json["commands"].push_back(
        {{"does", "writes a study file that runs it again"},
         {"text", fmt::format("vernier best {} --yaml{}", shell_word(name), where)}});
  }
  return json;
}

}  // namespace vernier::reports
