#include "experiments/study/claim.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "experiments/study/claim_names.h"
#include "experiments/study/claim_plot.h"
#include "search/sampler.h"
#include "search/strategy.h"

namespace vernier::experiments {
namespace {

const std::vector<std::string> words_over_studies{"sampler", "strategy", "study", "device"};

template <class Infos>
std::vector<std::string> names_of(const Infos& infos) {
  std::vector<std::string> names;
  for (const auto& info : infos) names.push_back(info.name);
  return names;
}

/// Empty: any.
std::vector<std::string> values_over_studies(const std::string& arms) {
  if (arms == "sampler") return names_of(search::samplers());
  if (arms == "strategy") return names_of(search::strategies());
  if (arms == "device") return {"cpu", "gpu"};
  return {};
}

/// One claim, in the order in which its keys depend on each other.
class ClaimReader {
 public:
  ClaimReader(const Reader& reader, const Spec& spec)
      : reader_(reader), spec_(spec), names_(spec) {}

  Json read() {
    reader_.only({"text", "arms", "better", "than", "metric", "goal", "pair", "others", "where",
                  "relative_to", "margin", "within", "plot"});
    json_["text"] = "";
    if (reader_.has("text")) {
      if (!reader_.at("text").json().is_string()) reader_.at("text").refuse("text");
      json_["text"] = reader_.at("text").json();
    }
    read_arms();
    read_limits();
    read_metric();
    read_pair();
    if (reader_.has("where")) json_["where"] = names_.expression(reader_.at("where"), false);
    if (reader_.has("relative_to")) read_relative_to();
    if (reader_.has("plot")) json_["plot"] = read_claim_plot(reader_.at("plot"), names_);
    return std::move(json_);
  }

 private:
  void read_arms() {
    for (const char* key : {"arms", "better", "than"})
      if (!reader_.has(key))
        reader_.error(fmt::format("has no {}; expected arms, better and than", key));
    const std::string arms = reader_.at("arms").text();
    const auto& words = words_over_studies;
    names_.over_studies =
        !names_.is_parameter(arms) && std::find(words.begin(), words.end(), arms) != words.end();
    if (!names_.is_parameter(arms) && !names_.over_studies) {
      std::vector<std::string> known = names_.parameters();
      known.insert(known.end(), words.begin(), words.end());
      reader_.at("arms").error(
          fmt::format("'{}' is no parameter of this study{}", printable(arms), hint(arms, known)));
    }
    json_["arms"] = arms;
    const auto values = values_over_studies(arms);
    for (const char* key : {"better", "than"}) {
      const Reader value = reader_.at(key);
      json_[key] =
          names_.over_studies && !values.empty() ? value.one_of(values) : names_.value(value, arms);
    }
    if (json_["better"] == json_["than"])
      reader_.at("than").error("is the same as better; expected another value");
  }

  void read_limits() {
    if (reader_.has("margin")) json_["margin"] = reader_.at("margin").number();
    if (!reader_.has("within")) return;
    if (reader_.has("margin"))
      reader_.at("within").error("stands beside margin; expected one of them");
    const double within = reader_.at("within").number();
    if (!(within > 0)) reader_.at("within").refuse("a number > 0");
    json_["within"] = within;
  }

  /// What a database keeps was accepted once, and stays readable.
  bool kept() const { return spec_.file.empty(); }

  void read_metric() {
    std::optional<bool> maximize;
    if (reader_.has("metric")) {
      const Reader metric = reader_.at("metric");
      json_["metric"] = kept() ? metric.text() : names_.expression(metric, true);
      maximize = goal_of(metric.text());
    }
    if (reader_.has("goal")) {
      json_["goal"] = reader_.at("goal").one_of({"maximize", "minimize"});
    } else if (maximize) {
      json_["goal"] = *maximize ? "maximize" : "minimize";
    } else if (reader_.has("metric") && reader_.has("within")) {
      json_["goal"] = "maximize";  // only the sign of what is shown
    } else if (reader_.has("metric") && !kept()) {
      reader_.at("metric").error(
          fmt::format("no goal for '{}'; expected goal: maximize or minimize beside it",
                      printable(reader_.at("metric").text())));
    }
  }

  /// nullopt: neither an objective nor a metric whose name says it.
  std::optional<bool> goal_of(const std::string& metric) const {
    for (const MetricSpec& each : spec_.metrics)
      if (each.name == metric) return each.maximize;
    const std::string whole = metric.substr(0, metric.find('.'));  // val_acc.cat
    const bool name = std::all_of(metric.begin(), metric.end(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
    });
    return name ? maximized_by_name(whole) : std::nullopt;
  }

  void read_pair() {
    if (reader_.has("pair")) {
      const Reader pair = reader_.at("pair");
      const bool of_study = names_.over_studies && pair.json() == "seed";
      json_["pair"] = of_study ? "seed" : names_.parameter(pair);
      if (json_["pair"] == json_["arms"])
        pair.error("is the same as arms; expected another parameter");
    } else if (json_["arms"] != "train.seed" && names_.is_parameter("train.seed")) {
      json_["pair"] = "train.seed";
    } else if (names_.over_studies) {
      json_["pair"] = "seed";
    }
    const bool pooled = names_.over_studies && json_["arms"] != "device";
    json_["others"] = pooled ? "best" : "each";
    if (!reader_.has("others")) return;
    json_["others"] = reader_.at("others").one_of({"best", "mean", "each"});
    if (json_["others"] != "each" && !json_.contains("pair"))
      reader_.at("others").error(
          fmt::format("{} without a parameter that pairs the arms; expected pair: PARAMETER, as "
                      "train.seed, or train.seed among the parameters",
                      json_["others"].get<std::string>()));
  }

  void read_relative_to() {
    const Reader section = reader_.at("relative_to");
    section.section();
    if (section.json().empty()) section.refuse("a parameter and its value, as {data.shift: 0}");
    for (const auto& [name, value] : section.json().items()) {
      const Json key = name;
      const Reader named(key, section.path() + "." + name, section.places());
      (void)names_.parameter(named);
      if (name == json_["arms"] || (json_.contains("pair") && name == json_["pair"]))
        named.error(fmt::format("is what {}; expected another parameter",
                                name == json_["arms"] ? "sets the arms apart" : "pairs the arms"));
      json_["relative_to"][name] = names_.value(section.at(name), name);
    }
  }

  const Reader& reader_;
  const Spec& spec_;
  ClaimNames names_;
  Json json_ = Json::object();
};

}  // namespace

void read_claims(const Reader& study, Spec& spec) {
  if (!study.has("claim")) return;
  const Reader reader = study.at("claim");
  Json list = Json::array();
  if (reader.json().is_array()) {
    if (reader.json().empty()) reader.error("an empty list; expected claims");
    for (std::size_t i = 0; i < reader.json().size(); ++i) {
      const Reader one = reader.at(i);
      list.push_back(ClaimReader(one, spec).read());
    }
  } else {
    list.push_back(ClaimReader(reader, spec).read());
  }
  spec.json["claim"] = std::move(list);
}

}  // namespace vernier::experiments
