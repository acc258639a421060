// Sweep files of Weights & Biases (docs.wandb.ai/guides/sweeps/sweep-config-keys). Parameters are read as a study file's are; every other key becomes its
// counterpart here, or an error that says why there is none.
#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "engine/settings.h"
#include "experiments/imports/finished_trials.h"
#include "experiments/imports/imports.h"
#include "experiments/study/parameters.h"
#include "experiments/study/reader.h"
#include "experiments/study/write_yaml.h"
#include "experiments/study/yaml.h"
#include "search/space.h"

namespace vernier::experiments {
namespace {

constexpr int default_trials = 50;

class Import {
 public:
  Import(const std::filesystem::path& path, const ImportOptions& options)
      : path_(path),
        options_(options),
        document_(read_yaml(read_text(path), printable(path.string()))),
        sweep_(document_.json, "", document_.places) {}

  Imported run() {
    if (!document_.json.is_object())
      fail<UsageError>("{}:1:1: no keys; expected a sweep file", printable(path_.string()));
    check_keys();
    check_distributions(sweep_, "parameters");
    if (problems_.empty()) convert();
    if (!problems_.empty()) throw UsageError(join(problems_, "\n"));
    const Spec spec = spec_from_json(json_);  // what is wrong with it as a study
    std::string comment =
        fmt::format("# From the sweep {}.\n", printable(path_.filename().string()));
    if (spec.command)
      comment += fmt::format(
          "# The program finds its parameters as JSON in $VERNIER_PARAMS, and prints each "
          "measurement: {{\"step\": 1, \"{}\": 0.3}}\n",
          spec.metrics.front().name);
    return {path_.string(), spec.study, comment + write_yaml(json_), 0, notes_};
  }

 private:
  void problem(const std::string& key, const std::string& text) {
    problems_.push_back(fmt::format("{}[{}] {}", document_.places.key(key), key, text));
  }
  /// Runs `body`, whose error is one of the problems.
  template <class Body>
  void attempt(const Body& body) {
    try {
      body();
    } catch (const UsageError& error) {
      problems_.emplace_back(error.what());
    }
  }

  void check_keys() {
    static const std::vector<std::string> known{
        "program", "method", "metric",          "parameters", "name",   "description",
        "project", "entity", "early_terminate", "command",    "run_cap"};
    static const std::pair<const char*, const char*> without_meaning[]{
        {"controller", "a sweep is always directed here, by `vernier run`"},
        {"scheduler", "jobs and devices are those of `vernier run` (resources)"},
        {"job", "there are no launch queues; expected program or command"},
        {"image_uri", "programs are not run in containers; expected program or command"},
        {"prior_runs", "earlier trials come in with `vernier import`, and warm_start"}};
    for (const auto& [key, value] : document_.json.items()) {
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      const auto reason = std::find_if(std::begin(without_meaning), std::end(without_meaning),
                                       [&, &name = key](const auto& r) { return name == r.first; });
      problem(key, reason != std::end(without_meaning)
                       ? fmt::format("has no meaning here: {}", reason->second)
                       : "unknown key" + hint(key, known));
    }
    for (const char* key : {"project", "entity"})
      if (sweep_.has(key))
        notes_.push_back(fmt::format("{}: left out, it belongs to the server", key));
    for (const char* key : {"method", "parameters"})
      if (!sweep_.has(key)) problem(key, "is missing; every sweep has it");
  }

  void check_distributions(const Reader& above, const std::string& key) {
    if (!above.has(key) || !above.at(key).json().is_object()) return;
    const Reader section = above.at(key);
    for (const auto& [name, value] : section.json().items()) {
      if (!value.is_object()) continue;
      const Reader parameter = section.at(name);
      check_distributions(parameter, "parameters");
      if (!parameter.has("distribution") || !parameter.json()["distribution"].is_string()) continue;
      const std::string distribution = parameter.json()["distribution"];
      for (const char* unbounded : {"normal", "q_normal", "log_normal", "q_log_normal"})
        if (distribution == unbounded)
          problem(
              parameter.path() + ".distribution",
              fmt::format("{} has no ends, and a space here has; expected {} with min and max, "
                          "perhaps with prior: {{center: MU}}",
                          unbounded,
                          distribution.find("log") == std::string::npos ? "uniform"
                                                                        : "log_uniform_values"));
    }
  }

  void convert() {
    json_ = {{"version", 1}};
    json_["study"] = options_.as.value_or(
        study_name(sweep_.has("name") ? sweep_.at("name").text() : path_.stem().string()));
    if (sweep_.has("description")) json_["note"] = sweep_.at("description").text();
    attempt([&] { read_program(); });
    attempt([&] { read_metric(); });
    attempt([&] { read_space(); });
    attempt([&] { read_method(); });
    attempt([&] { read_early_terminate(); });
  }

  void read_program() {
    std::vector<std::string> argv = options_.command;
    const bool given = !argv.empty();
    if (!given && sweep_.has("command")) argv = command();
    if (!given && !sweep_.has("command") && sweep_.has("program"))
      argv = {"python3", sweep_.at("program").text()};
    if (argv.empty()) return;  // the engine trains, if the parameters are its settings
    if (!given && sweep_.has("command") && argv.size() < 2 && sweep_.has("program"))
      notes_.push_back("command: does not name the program");
    json_["objective"] = {{"command", argv}};
    if (std::filesystem::path(path_).has_parent_path())
      json_["objective"]["dir"] = std::filesystem::absolute(path_).parent_path().string();
    if (!given)
      notes_.push_back(
          "the program gets its parameters as JSON in $VERNIER_PARAMS, not as arguments, and "
          "prints "
          "its measurements");
  }

  std::vector<std::string> command() {
    const Reader words = sweep_.at("command");
    words.list();
    std::vector<std::string> argv;
    for (std::size_t i = 0; i < words.json().size(); ++i) {
      const std::string word =
          words.json()[i].is_string() ? words.at(i).text() : words.json()[i].dump();
      if (word == "${env}") {
        argv.emplace_back("/usr/bin/env");
      } else if (word == "${interpreter}") {
        argv.emplace_back("python3");
      } else if (word == "${program}") {
        if (!sweep_.has("program")) words.at(i).error("without the key program");
        argv.push_back(sweep_.at("program").text());
      } else if (word == "${args}" || word == "${args_no_hyphens}" ||
                 word == "${args_no_boolean_flags}" || word == "${args_json}") {
        continue;  // VERNIER_PARAMS
      } else if (word.find("${") != std::string::npos) {
        problem(
            fmt::format("command.{}", i),
            fmt::format("{} has no meaning here: {}", printable(word),
                        word.starts_with("${args_json_file")
                            ? "parameters come as JSON in $VERNIER_PARAMS, without a file"
                            : "the program inherits the environment, and no shell fills it in"));
      } else {
        argv.push_back(word);
      }
    }
    return argv;
  }

  void read_metric() {
    if (!sweep_.has("metric")) {
      if (json_.contains("objective") || sweep_.at("method").text() == "bayes")
        problem("metric", "is missing; a study has one, which its program prints");
      return;
    }
    const Reader metric = sweep_.at("metric");
    metric.only({"name", "goal", "target"});
    if (!metric.has("name")) metric.error("has no name; expected one");
    const std::string goal =
        metric.has("goal") ? metric.at("goal").one_of({"minimize", "maximize"}) : "minimize";
    json_["metric"] = {{"name", metric.at("name").text()}, {"goal", goal}, {"reduce", "last"}};
    if (metric.has("target")) json_["limits"] = {{"target", metric.at("target").number()}};
  }

  void read_space() {
    const bool engine = !json_.contains("objective");
    const std::vector<std::string> settings = engine::setting_names();
    const Reader section = sweep_.at("parameters");
    parameters_ = read_parameters(section, nullptr);
    for (const search::Parameter& parameter : parameters_) {
      if (engine && std::find(settings.begin(), settings.end(), parameter.name) == settings.end()) {
        problem("parameters",
                fmt::format("'{}' is no setting of the engine, and the sweep names no program; "
                            "expected program or command, or --command WORDS",
                            printable(parameter.name)));
        return;
      }
      space_json_[parameter.name] = parameter_json(parameter);
    }
  }

  void read_method() {
    const std::string method = sweep_.at("method").one_of({"grid", "random", "bayes"});
    json_["sampler"] = method == "bayes" ? "gp" : method;
    std::optional<double> total;
    if (sweep_.has("run_cap"))
      total = static_cast<double>(sweep_.at("run_cap").integer(1, 100'000'000));
    const search::Space space(parameters_);
    if (method == "grid") {
      const auto count = space.cardinality();
      if (!count || *count > 1e8)
        sweep_.at("method").error(
            "over a float range without q; expected values, or random or bayes");
      total = std::min(*count, total.value_or(*count));
    }
    if (!total)
      notes_.push_back(fmt::format("a sweep without run_cap has no end; the study has trials: {}",
                                   default_trials));
    json_["trials"] = static_cast<std::int64_t>(total.value_or(default_trials));
  }

  /// Hyperband there stops a run at steps min_iter eta^k unless it is among the best 1 / eta that came to them: asha.
  void read_early_terminate() {
    if (sweep_.has("early_terminate")) {
      const Reader rule = sweep_.at("early_terminate");
      rule.only({"type", "min_iter", "max_iter", "s", "eta", "strict"});
      rule.at("type").one_of({"hyperband"});
      if (rule.has("strict") && rule.at("strict").boolean())
        problem("early_terminate.strict",
                "has no meaning here: asha keeps the best 1 / eta of a step, no fewer");
      const double eta = rule.has("eta") ? rule.at("eta").number() : 3;
      if (!(eta >= 2) || eta != std::floor(eta) || eta > 100)
        rule.at("eta").refuse("a whole number from 2");
      if (rule.has("min_iter") == rule.has("max_iter"))
        rule.error("expected one of min_iter and max_iter");
      std::int64_t least = 0, most = options_.max_steps.value_or(0);
      if (rule.has("min_iter")) {
        least = rule.at("min_iter").integer(1, 1'000'000'000);
        if (most == 0)
          problem(
              "early_terminate.min_iter",
              "says where a run may end, not how long a whole one is; expected max_iter with s, "
              "or --max-steps N");
      } else {
        most = rule.at("max_iter").integer(1, 1'000'000'000);
        const auto s = rule.has("s") ? rule.at("s").integer(1, 30) : 1;
        least = std::max<std::int64_t>(
            1, std::llround(static_cast<double>(most) / std::pow(eta, static_cast<double>(s))));
      }
      json_["strategy"] = {{"type", "asha"},
                           {"min_steps", least},
                           {"max_steps", most},
                           {"eta", static_cast<std::int64_t>(eta)}};
    }
    json_["parameters"] = space_json_;
  }

  std::filesystem::path path_;
  const ImportOptions& options_;
  Document document_;
  Reader sweep_;
  Json json_, space_json_ = Json::object();
  std::vector<search::Parameter> parameters_;
  std::vector<std::string> problems_, notes_;
};

}  // namespace

Imported import_wandb(const std::filesystem::path& path, const ImportOptions& options) {
  return Import(path, options).run();
}

}  // namespace vernier::experiments
