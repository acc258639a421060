#include "experiments/study/parameters.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "experiments/study/distributions.h"

namespace vernier::experiments {
namespace {

using search::Kind;
using search::Parameter;
using search::Scale;

const std::vector<std::string> keys{"type",         "min",   "max",  "values", "value",
                                    "log",          "scale", "step", "when",   "probabilities",
                                    "distribution", "q",     "prior"};
const std::vector<std::string> types{"float", "int", "categorical", "ordinal", "bool", "constant"};
const std::vector<std::string> confidences{"low", "medium", "high"};
const std::vector<std::string> scales{"linear", "log", "reverse_log", "logit"};

bool increasing_numbers(const Json& values) {
  if (!values.is_array()) return false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i].is_number()) return false;
    if (i > 0 && !(values[i - 1].get<double>() < values[i].get<double>())) return false;
  }
  return true;
}

Kind guess_kind(const Reader& reader) {
  if (reader.has("value")) return Kind::constant;
  if (reader.has("values"))
    return increasing_numbers(reader.json()["values"]) && !reader.has("probabilities")
               ? Kind::ordinal
               : Kind::categorical;
  if (!reader.has("min") || !reader.has("max"))
    reader.error("has no range; expected min and max, values, or value");
  const Json& low = reader.json()["min"];
  const Json& high = reader.json()["max"];
  return low.is_number_integer() && high.is_number_integer() ? Kind::int_ : Kind::float_;
}

Kind read_kind(const Reader& reader) {
  if (!reader.has("type")) return guess_kind(reader);
  const std::string name = reader.at("type").one_of(types);
  return static_cast<Kind>(std::find(types.begin(), types.end(), name) - types.begin());
}

double bound(const Reader& reader, Kind kind) {
  const double value = reader.number();
  if (kind == Kind::int_ && value != std::floor(value)) reader.refuse("a whole number");
  return value;
}

void read_range(const Reader& reader, Parameter& parameter) {
  for (const char* key : {"min", "max"})
    if (!reader.has(key)) reader.error(fmt::format("has no {}; expected min and max", key));
  for (const char* key : {"values", "value", "probabilities"})
    if (reader.has(key))
      reader.at(key).error(fmt::format("stands beside a range; expected it with categorical"));
  parameter.low = bound(reader.at("min"), parameter.kind);
  parameter.high = bound(reader.at("max"), parameter.kind);
  if (!(parameter.low < parameter.high) &&
      !(parameter.low == parameter.high && parameter.kind == Kind::int_))
    reader.at("max").error(fmt::format("empty range from {} to {}; expected min below max",
                                       format_number(parameter.low, 12),
                                       format_number(parameter.high, 12)));
  if (reader.has("log") && reader.has("scale"))
    reader.at("log").error("stands beside scale; expected one of the two");
  if (reader.has("log") && reader.at("log").boolean()) parameter.scale = Scale::log;
  if (reader.has("scale")) {
    const std::string name = reader.at("scale").one_of(scales);
    parameter.scale =
        static_cast<Scale>(std::find(scales.begin(), scales.end(), name) - scales.begin());
  }
  if (parameter.scale == Scale::log && parameter.low <= 0)
    reader.at("min").error(
        fmt::format("log range from {}; expected min above 0", format_number(parameter.low, 12)));
  if (reader.has("step")) {
    const double step = bound(reader.at("step"), parameter.kind);
    if (!(step > 0)) reader.at("step").refuse("a number above 0");
    parameter.step = step;
  }
}

Value choice(const Reader& reader) {
  if (reader.json().is_structured() || reader.json().is_null())
    reader.refuse("a number, text, true or false");
  return value_from_json(reader.json());
}

void read_weights(const Reader& reader, Parameter& parameter) {
  reader.list();
  double sum = 0;
  for (std::size_t i = 0; i < reader.json().size(); ++i) {
    parameter.weights.push_back(reader.at(i).number(0));
    sum += parameter.weights.back();
  }
  if (parameter.weights.size() != parameter.choices.size())
    reader.error(fmt::format("{} probabilities for {} values; expected one each",
                             parameter.weights.size(), parameter.choices.size()));
  if (std::fabs(sum - 1) > 1e-6)
    reader.error(fmt::format("probabilities sum to {}; expected 1", format_number(sum, 8)));
}

void read_choices(const Reader& reader, Parameter& parameter) {
  for (const char* key : {"min", "max", "log", "scale", "step"})
    if (reader.has(key)) reader.at(key).error("stands beside values; expected it with a range");
  if (!reader.has("values")) reader.error("has no values; expected a list");
  const Reader values = reader.at("values");
  values.list();
  if (values.json().empty()) values.error("an empty list; expected at least one value");
  for (std::size_t i = 0; i < values.json().size(); ++i) {
    Value value = choice(values.at(i));
    if (std::find(parameter.choices.begin(), parameter.choices.end(), value) !=
        parameter.choices.end())
      values.at(i).error(
          fmt::format("{} is there twice; expected different values", to_text(value)));
    parameter.choices.push_back(std::move(value));
  }
  if (parameter.kind == Kind::ordinal && !increasing_numbers(values.json()))
    values.error("ordinal values; expected increasing numbers");
  if (reader.has("probabilities")) {
    if (parameter.kind == Kind::ordinal)
      reader.at("probabilities").error("on ordinal values; expected type: categorical");
    read_weights(reader.at("probabilities"), parameter);
  }
}

void read_condition(const Reader& reader, const std::vector<Parameter>& before,
                    Parameter& parameter) {
  std::vector<std::string> names;
  for (const Parameter& p : before) names.push_back(p.name);
  try {
    parameter.condition = expr::parse(reader.text());
    expr::bind(*parameter.condition, names);
  } catch (const UsageError& error) {
    if (std::string(error.what()).starts_with(reader.places().value(reader.path()) + "["))
      throw;  // the reader's own
    reader.error(fmt::format("{}; expected a condition on parameters before it", error.what()));
  }
}

void read_prior(const Reader& reader, Parameter& parameter) {
  reader.only({"center", "confidence"});
  if (!reader.has("center")) reader.error("has no center; expected the value that is likely best");
  search::Prior prior;
  prior.centre = choice(reader.at("center"));
  if (reader.has("confidence")) {
    const std::string sure = reader.at("confidence").one_of(confidences);
    prior.confidence = static_cast<search::Confidence>(
        std::find(confidences.begin(), confidences.end(), sure) - confidences.begin());
  }
  parameter.prior = prior;
  try {
    Parameter alone = parameter;
    alone.condition.reset();
    (void)search::Axis(alone);
  } catch (const UsageError& error) {
    reader.at("center").error(error.what());
  }
}

Parameter read_parameter(const Reader& written, const std::string& name,
                         const std::vector<Parameter>& before) {
  written.only(keys);
  const Json plain = without_distribution(written);
  const Reader reader(plain, written.path(), written.places());
  Parameter parameter;
  parameter.name = name;
  parameter.kind = read_kind(reader);
  switch (parameter.kind) {
    case Kind::float_:
    case Kind::int_:
      read_range(reader, parameter);
      break;
    case Kind::categorical:
    case Kind::ordinal:
      read_choices(reader, parameter);
      break;
    case Kind::bool_:
      for (const char* key : {"min", "max", "values", "value", "step", "log", "scale"})
        if (reader.has(key)) reader.at(key).error("on a bool; expected no range");
      parameter.choices = {false, true};
      break;
    case Kind::constant:
      if (!reader.has("value")) reader.error("has no value; expected one");
      for (const char* key : {"min", "max", "values", "step", "log", "scale"})
        if (reader.has(key)) reader.at(key).error("stands beside value; expected one of the two");
      parameter.choices = {choice(reader.at("value"))};
      break;
  }
  if (reader.has("prior")) {
    if (parameter.kind == Kind::constant) reader.at("prior").error("on a constant; expected none");
    read_prior(reader.at("prior"), parameter);
  }
  if (reader.has("when")) read_condition(reader.at("when"), before, parameter);
  return parameter;
}

void read_all(const Reader& section, const std::string& prefix,
              const std::vector<std::string>* names, std::vector<Parameter>& into) {
  section.section();
  for (const auto& [key, value] : section.json().items()) {
    const Reader entry = section.at(key);
    const std::string name = prefix + key;
    entry.section();
    if (entry.has("parameters")) {
      entry.only({"parameters"});
      read_all(entry.at("parameters"), name + ".", names, into);
      continue;
    }
    if (names && std::find(names->begin(), names->end(), name) == names->end())
      fail<UsageError>("{}[{}] unknown parameter{}", section.places().key(entry.path()),
                       printable(name), hint(name, *names));
    const auto same = [&](const Parameter& known) { return known.name == name; };
    if (std::any_of(into.begin(), into.end(), same))
      entry.error("is there twice; expected every parameter once");
    if (name.empty() || name.size() > 100 || printable(name) != name)
      entry.error("expected a name of 1 to 100 printable characters");
    Parameter parameter = read_parameter(entry, name, into);
    into.push_back(std::move(parameter));
  }
}

Json number_json(double value, Kind kind) {
  if (kind == Kind::int_ && std::fabs(value) < 9e15) return static_cast<std::int64_t>(value);
  return value;
}

}  // namespace

std::vector<Parameter> read_parameters(const Reader& section,
                                       const std::vector<std::string>* names) {
  std::vector<Parameter> parameters;
  read_all(section, "", names, parameters);
  return parameters;
}

std::string kind_text(Kind kind) { return types[static_cast<std::size_t>(kind)]; }

Json parameter_json(const Parameter& parameter) {
  Json json{{"type", kind_text(parameter.kind)}};
  switch (parameter.kind) {
    case Kind::float_:
    case Kind::int_:
      json["min"] = number_json(parameter.low, parameter.kind);
      json["max"] = number_json(parameter.high, parameter.kind);
      if (parameter.scale != Scale::linear)
        json["scale"] = scales[static_cast<std::size_t>(parameter.scale)];
      if (parameter.step) json["step"] = number_json(*parameter.step, parameter.kind);
      break;
    case Kind::categorical:
    case Kind::ordinal:
      json["values"] = Json::array();
      for (const Value& value : parameter.choices) json["values"].push_back(to_json(value));
      if (!parameter.weights.empty()) json["probabilities"] = parameter.weights;
      break;
    case Kind::bool_:
      break;
    case Kind::constant:
      json["value"] = to_json(parameter.choices.front());
      break;
  }
  if (parameter.prior)
    json["prior"] = {
        {"center", to_json(parameter.prior->centre)},
        {"confidence", confidences[static_cast<std::size_t>(parameter.prior->confidence)]}};
  if (parameter.condition) json["when"] = expr::to_text(*parameter.condition);
  return json;
}

store::ParamRecord param_record(const Parameter& parameter) {
  store::ParamRecord record;
  record.name = parameter.name;
  record.type = kind_text(parameter.kind);
  Json& definition = record.definition = Json::object();
  if (parameter.choices.empty()) {
    definition["low"] = parameter.low;
    definition["high"] = parameter.high;
    definition["scale"] = scales[static_cast<std::size_t>(parameter.scale)];
    if (parameter.step) definition["step"] = *parameter.step;
  } else {
    for (const Value& choice : parameter.choices) definition["choices"].push_back(to_json(choice));
  }
  if (parameter.condition) definition["when"] = expr::to_text(*parameter.condition);
  return record;
}

}  // namespace vernier::experiments
