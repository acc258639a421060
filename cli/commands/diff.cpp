#include <fmt/ostream.h>

#include <bit>
#include <ostream>

#include "cli/output.h"
#include "cli/terminal/table.h"
#include "cli/trial_name.h"
#include "core/error.h"
#include "core/text.h"

namespace vernier::cli {
namespace {

/// What one side is: names and values, in the order in which they are shown.
using Facts = std::vector<std::pair<std::string, Value>>;

Value maybe(const std::optional<double>& value) { return value ? Value(*value) : Value(); }

Facts trial_facts(const store::TrialRecord& trial) {
  Facts facts;
  for (const auto& [name, value] : trial.config) facts.emplace_back(name, value);
  facts.emplace_back("state", std::string(store::to_text(trial.state)));
  facts.emplace_back("value", maybe(trial.value));
  facts.emplace_back("steps", std::int64_t{trial.steps});
  facts.emplace_back("best step",
                     trial.best_step ? Value(std::int64_t{*trial.best_step}) : Value());
  facts.emplace_back("seconds", trial.seconds);
  facts.emplace_back("seed", fmt::format("{}", trial.seed));
  facts.emplace_back("kind of device", trial.device_kind);
  facts.emplace_back("weights", trial.weights_hash);
  facts.emplace_back("reason", trial.reason);
  facts.emplace_back("tags", join(trial.tags, " "));
  facts.emplace_back("note", trial.note);
  return facts;
}

/// The metrics of the last step, and the first step at which the curves part.
void add_curves(Facts& a, Facts& b, const std::vector<store::StepRow>& left,
                const std::vector<store::StepRow>& right) {
  const auto add_last = [](Facts& facts, const std::vector<store::StepRow>& rows) {
    if (rows.empty()) return;
    for (const auto& [name, value] : rows.back().results) facts.emplace_back("last " + name, value);
  };
  add_last(a, left);
  add_last(b, right);
  const auto parted = [&]() -> std::optional<int> {
    const std::size_t both = std::min(left.size(), right.size());
    for (std::size_t i = 0; i < both; ++i) {
      if (left[i].step != right[i].step || left[i].results.size() != right[i].results.size())
        return left[i].step;
      for (std::size_t k = 0; k < left[i].results.size(); ++k) {
        const auto& [name, value] = left[i].results[k];
        const auto& [other, second] = right[i].results[k];
        if (name != other ||
            std::bit_cast<std::uint64_t>(value) != std::bit_cast<std::uint64_t>(second))
          return left[i].step;
      }
    }
    if (left.size() == right.size()) return std::nullopt;
    return left.size() > both ? left[both].step : right[both].step;
  }();
  if (!parted) return;
  a.emplace_back("curves part at step", std::int64_t{*parted});
  b.emplace_back("curves part at step", std::string("there"));
}

/// The leaves of what a study was told, by dotted name.
void add_leaves(Facts& facts, const std::string& name, const Json& json) {
  if (json.is_object()) {
    for (const auto& [key, value] : json.items())
      add_leaves(facts, name.empty() ? key : name + "." + key, value);
  } else if (json.is_array()) {
    facts.emplace_back(name, json.dump());
  } else {
    facts.emplace_back(name, value_from_json(json));
  }
}

Facts study_facts(const store::Store& store, const store::StudyRecord& study) {
  Facts facts;
  add_leaves(facts, "", study.spec);
  int completed = 0;
  double seconds = 0;
  for (const store::TrialRecord& trial : store.trials(study.id)) {
    completed += trial.state == store::State::completed && trial.kind == "search";
    seconds += trial.seconds;
  }
  facts.emplace_back("completed trials", std::int64_t{completed});
  const auto best = best_trial(store, study);
  facts.emplace_back("best trial", best ? Value(std::int64_t{*best}) : Value());
  facts.emplace_back("best value", best ? maybe(store.trial(study.id, *best).value) : Value());
  facts.emplace_back("seconds of training", seconds);
  facts.emplace_back("vernier", study.code_version);
  return facts;
}

const Value* find(const Facts& facts, const std::string& name) {
  for (const auto& [known, value] : facts)
    if (known == name) return &value;
  return nullptr;
}

bool is_empty(const Value* value) {
  if (value == nullptr || std::holds_alternative<std::monostate>(*value)) return true;
  const auto* text = std::get_if<std::string>(value);
  return text != nullptr && text->empty();
}

store::Table differences(const std::string& left, const Facts& a, const std::string& right,
                         const Facts& b) {
  store::Table table{{"", left, right}, {}};
  const auto add = [&](const std::string& name) {
    const Value *one = find(a, name), *other = find(b, name);
    if ((is_empty(one) && is_empty(other)) || (one && other && *one == *other)) return;
    table.rows.push_back(
        {name, is_empty(one) ? Value() : *one, is_empty(other) ? Value() : *other});
  };
  for (const auto& [name, value] : a) add(name);
  for (const auto& [name, value] : b)
    if (find(a, name) == nullptr) add(name);
  return table;
}

}  // namespace

int diff(const Invocation& invocation) {
  Options options(
      "diff A B [options]",
      "Two trials (STUDY#N) or two studies: only what differs. Trials: settings, results, the "
      "step at which their curves part.");
  if (!options.argument("NAMES", 2, 2).database().json().parse(invocation)) return 0;
  const auto names = options.list("NAMES");
  const store::Store store = open_database(options);
  const TrialName left = parse_trial_name(names[0]), right = parse_trial_name(names[1]);
  const bool trials = left.number || left.best;
  if (trials != (right.number || right.best)) {
    fail<UsageError>("[diff] '{}' and '{}': a trial and a study; expected two of a kind",
                     printable(names[0]), printable(names[1]));
  }
  Facts a, b;
  if (trials) {
    const store::TrialRecord one = find_trial(store, left), other = find_trial(store, right);
    a = trial_facts(one);
    b = trial_facts(other);
    add_curves(a, b, store.curve(store.study(left.study).id, one.number),
               store.curve(store.study(right.study).id, other.number));
  } else {
    a = study_facts(store, store.study(left.study));
    b = study_facts(store, store.study(right.study));
  }
  const store::Table table = differences(names[0], a, names[1], b);
  if (options.has("json")) {
    Json list = Json::array();
    for (const auto& row : table.rows)
      list.push_back({{"name", to_json(row[0])}, {"a", to_json(row[1])}, {"b", to_json(row[2])}});
    fmt::print(invocation.out, "{}\n",
               Json{{"a", names[0]}, {"b", names[1]}, {"differences", list}}.dump());
  } else if (table.rows.empty()) {
    fmt::print(invocation.err, "equal\n");
  } else {
    print_table(invocation.out, table, terminal_of(1), 6);
  }
  return 0;
}

}  // namespace vernier::cli
