#include "search/ask_tell_header.h"

#include <algorithm>

#include "core/error.h"
#include "core/json_reader.h"
#include "core/text.h"

namespace vernier::search {
namespace {

Value choice_value(const Json& choice) {
  const bool plain = choice.is_string() || choice.is_boolean() || choice.is_number();
  return plain ? value_from_json(choice) : Value("json " + choice.dump());
}

double required(JsonReader& reader, const char* key) {
  const auto number = reader.optional_number(key);
  if (!number) reader.refuse(key, "is missing; expected a number");
  return *number;
}

Parameter read_parameter(const Json& json, const std::string& where, Json& choices) {
  JsonReader reader(json, where);
  Parameter p;
  p.name = reader.text("name", "");
  const std::string type =
      reader.choice("type", "float", {"float", "int", "categorical", "ordinal", "bool"});
  if (type == "float" || type == "int") {
    p.kind = type == "int" ? Kind::int_ : Kind::float_;
    p.low = required(reader, "low");
    p.high = required(reader, "high");
    p.step = reader.optional_number("step");
    if (const Json* log = reader.find("log"); log && !log->is_null())
      p.scale = reader.boolean("log", false) ? Scale::log : Scale::linear;
    const std::string scale =
        reader.choice("scale", "", {"", "linear", "log", "reverse_log", "logit"});
    if (scale == "linear") p.scale = Scale::linear;
    if (scale == "log") p.scale = Scale::log;
    if (scale == "reverse_log") p.scale = Scale::reverse_log;
    if (scale == "logit") p.scale = Scale::logit;
  } else if (type == "bool") {
    p.kind = Kind::bool_;
  } else {
    p.kind = type == "ordinal" ? Kind::ordinal : Kind::categorical;
    const Json* given = reader.find("choices");
    if (!given || !given->is_array())
      reader.refuse("choices", "is no list; expected a list of values");
    choices = *given;
    for (const Json& choice : choices) p.choices.push_back(choice_value(choice));
  }
  if (reader.has("prior")) {
    JsonReader given = reader.section("prior");
    const Json* centre = given.find("center");
    if (!centre) given.refuse("center", "is missing; expected the value that is likely best");
    const std::string sure = given.choice("confidence", "medium", {"low", "medium", "high"});
    p.prior = Prior{choice_value(*centre), sure == "low"    ? Confidence::low
                                           : sure == "high" ? Confidence::high
                                                            : Confidence::medium};
    given.done();
  }
  return p;
}

expr::Node literal(Value value) {
  expr::Node node;
  node.value = std::move(value);
  return node;
}

/// {"param": "c", "in": ["a"]} as the expression `c in ("a")`.
expr::Node read_condition(const Json& json, const std::string& where) {
  JsonReader reader(json, where);
  expr::Node node;
  node.op = expr::Op::in;
  expr::Node parent;
  parent.op = expr::Op::name;
  parent.text = reader.text("param", "");
  node.args.push_back(std::move(parent));
  const Json* values = reader.find("in");
  if (!values || !values->is_array() || values->empty())
    reader.refuse("in", "is no list of values; expected those with which the parameter counts");
  for (const Json& value : *values) node.args.push_back(literal(choice_value(value)));
  return node;
}

}  // namespace

AskTellHeader::AskTellHeader(const Json& header) {
  JsonReader reader(header, "");
  const Json* list = reader.find("params");
  if (!list || !list->is_array())
    fail<UsageError>("[header] params is no list; expected the parameters");
  std::vector<std::string> constraints = reader.texts("constraints");
  if (const Json* given = reader.find("seed")) {
    if (!given->is_number_integer()) reader.refuse("seed", "is no whole number; expected one");
    seed = given->is_number_unsigned() ? given->get<std::uint64_t>()
                                       : static_cast<std::uint64_t>(given->get<std::int64_t>());
  }
  budget = static_cast<int>(reader.integer("budget", 0, 0, most_epochs));

  std::vector<std::string> directions = reader.texts("directions");
  if (directions.empty()) directions.push_back(reader.text("direction", "minimize"));
  for (const std::string& direction : directions) {
    if (direction != "minimize" && direction != "maximize")
      fail<UsageError>("[header] direction '{}'; expected minimize or maximize",
                       printable(direction));
    maximize.push_back(direction == "maximize");
  }
  if (const Json* given = reader.find("sampler")) sampler = *given;
  if (const Json* given = reader.find("strategy")) strategy = *given;
  if (const Json* given = reader.find("fidelity"); given && !given->is_null()) {
    JsonReader fidelity = reader.section("fidelity");
    max_epochs = static_cast<int>(fidelity.integer("max", 0, 1, most_epochs));
    if (*max_epochs == 0)
      fidelity.refuse("max", "is missing; expected the epochs of a full training");
    min_epochs = static_cast<int>(fidelity.integer("min", 1, 0, *max_epochs));
  }

  std::vector<Parameter> waiting;
  std::vector<Json> choices(list->size());
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string where = fmt::format("params[{}]", i);
    waiting.push_back(read_parameter((*list)[i], where, choices[i]));
    if (const auto condition = (*list)[i].find("condition");
        condition != (*list)[i].end() && !condition->is_null())
      waiting.back().condition = read_condition(*condition, where + ".condition");
  }
  // Parents before children, else as written.
  std::vector<Parameter> ordered;
  std::vector<bool> placed(waiting.size(), false);
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      const auto is_parent = [&](const Parameter& p) {
        return p.name == waiting[i].condition->args[0].text;
      };
      if (placed[i] ||
          (waiting[i].condition && std::none_of(ordered.begin(), ordered.end(), is_parent)))
        continue;
      ordered.push_back(waiting[i]);
      choices_.push_back(choices[i]);
      placed[i] = moved = true;
    }
  }
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (placed[i]) continue;
    fail<UsageError>(
        "[params[{}].condition] '{}' depends on '{}', which is unknown or depends on it; expected "
        "another parameter",
        i, printable(waiting[i].name), printable(waiting[i].condition->args[0].text));
  }
  space_.emplace(std::move(ordered), std::move(constraints));
}

Json AskTellHeader::params(const Config& config) const {
  Json out = Json::object();
  for (std::size_t i = 0; i < space_->size(); ++i) {
    const std::string& name = space_->parameters()[i].name;
    const Value* value = config.find(name);
    if (!value) continue;
    const auto index = choices_[i].is_array() ? space_->axis(i).index(*value) : std::nullopt;
    out[name] = index ? choices_[i][static_cast<std::size_t>(*index)] : to_json(*value);
  }
  return out;
}

Config AskTellHeader::config(const Json& params) const {
  if (!params.is_object())
    fail<UsageError>("[params] found {}; expected an object of names and values", shown(params));
  Config config;
  for (const auto& [name, value] : params.items()) {
    if (value.is_null()) {  // an inactive parameter, or a choice that is null
      const Space& s = *space_;
      const bool choice = std::any_of(
          s.parameters().begin(), s.parameters().end(), [&, &name = name](const Parameter& p) {
            return p.name == name && std::find(p.choices.begin(), p.choices.end(),
                                               choice_value(nullptr)) != p.choices.end();
          });
      if (!choice) continue;
    }
    config.set(name, choice_value(value));
  }
  return space_->canonical(config);
}

}  // namespace vernier::search
