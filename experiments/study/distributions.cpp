#include "experiments/study/distributions.h"

#include <cmath>

#include "core/error.h"

namespace vernier::experiments {
namespace {

enum class Bounds { values, exponents, negated_exponents };

struct Distribution {
  const char* name;
  const char* type;
  bool log, quantised;
  Bounds bounds;
};

constexpr Distribution ranges[] = {
    {"uniform", "float", false, false, Bounds::values},
    {"q_uniform", "float", false, true, Bounds::values},
    {"log_uniform", "float", true, false, Bounds::exponents},
    {"log_uniform_values", "float", true, false, Bounds::values},
    {"q_log_uniform", "float", true, true, Bounds::exponents},
    {"q_log_uniform_values", "float", true, true, Bounds::values},
    {"inv_log_uniform", "float", true, false, Bounds::negated_exponents},
    {"inv_log_uniform_values", "float", true, false, Bounds::values},
    {"int_uniform", "int", false, false, Bounds::values},
};

void quantise(const Reader& reader, Json& json) {
  const double q = reader.has("q") ? reader.at("q").number() : 1.0;
  if (!(q > 0)) reader.at("q").refuse("a number above 0");
  const double low = std::ceil(json["min"].get<double>() / q - 1e-9) * q;
  const double high = std::floor(json["max"].get<double>() / q + 1e-9) * q;
  const bool whole = q == std::floor(q);
  json["type"] = whole ? "int" : "float";
  json["min"] = whole ? Json(std::llround(low)) : Json(low);
  json["max"] = whole ? Json(std::llround(high)) : Json(high);
  json["step"] = whole ? Json(std::llround(q)) : Json(q);
}

Json range(const Reader& reader, const Distribution& found) {
  Json json = reader.json();
  json.erase("distribution");
  json.erase("q");
  json["type"] = found.type;
  for (const char* key : {"min", "max"})
    if (!reader.has(key)) reader.error("has no range; expected min and max");
  const double low = reader.at("min").number(), high = reader.at("max").number();
  const double most = 1e15;
  if (std::fabs(low) > most || std::fabs(high) > most) reader.refuse("bounds within 1e15");
  if (found.bounds == Bounds::exponents) {
    json["min"] = std::exp(low);
    json["max"] = std::exp(high);
  } else if (found.bounds == Bounds::negated_exponents) {
    json["min"] = std::exp(-high);
    json["max"] = std::exp(-low);
  }
  if (found.log) json["log"] = true;
  if (found.quantised) {
    if (!(json["max"].get<double>() <= most)) reader.at("max").refuse("an exponent below 34");
    quantise(reader, json);
  }
  return json;
}

}  // namespace

Json without_distribution(const Reader& reader) {
  if (!reader.has("distribution")) {
    if (reader.has("q")) reader.at("q").error("without a distribution; expected step");
    return reader.json();
  }
  if (reader.has("type"))
    reader.at("distribution").error("stands beside type; expected one of the two");
  std::vector<std::string> names{"constant", "categorical", "categorical_w_probabilities"};
  for (const Distribution& known : ranges) names.emplace_back(known.name);
  const std::string name = reader.at("distribution").one_of(names);
  for (const Distribution& known : ranges)
    if (name == known.name) return range(reader, known);
  Json json = reader.json();
  json.erase("distribution");
  json.erase("q");
  json["type"] = name == "constant" ? "constant" : "categorical";
  return json;
}

}  // namespace vernier::experiments
