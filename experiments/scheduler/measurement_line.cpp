#include "experiments/scheduler/measurement_line.h"

#include <array>
#include <limits>

#include "core/json.h"
#include "core/text.h"

namespace vernier::experiments {
namespace {

// JSON has no NaN: outside of strings the words become null.
std::string without_nan(std::string_view line) {
  static constexpr std::array<std::string_view, 3> words{"NaN", "-Infinity", "Infinity"};
  std::string out;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && quoted && i + 1 < line.size()) {
      out += line[i++];
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (!quoted) {
      bool replaced = false;
      for (const std::string_view word : words) {
        if (!line.substr(i).starts_with(word)) continue;
        out += "null";
        i += word.size() - 1;
        replaced = true;
        break;
      }
      if (replaced) continue;
    }
    out += line[i];
  }
  return out;
}

}  // namespace

std::optional<MeasurementLine> parse_measurement(std::string_view line) {
  line = trim(line);
  constexpr std::size_t longest = 1 << 20;
  if (!line.starts_with('{') || !line.ends_with('}') || line.size() > longest) return std::nullopt;
  const Json json = Json::parse(without_nan(line), nullptr, false);
  if (json.is_discarded() || !json.is_object()) return std::nullopt;
  const auto step = json.find("step");
  if (step == json.end() || !step->is_number()) return std::nullopt;
  const double number = step->get<double>();
  if (!(number >= 1 && number <= 1e9) || number != static_cast<int>(number)) return std::nullopt;
  MeasurementLine result;
  result.step = static_cast<int>(number);
  for (const auto& [name, value] : json.items()) {
    if (name == "step" || name.empty() || name.size() > 200) continue;
    if (value.is_number()) result.metrics.emplace_back(name, value.get<double>());
    if (value.is_null())
      result.metrics.emplace_back(name, std::numeric_limits<double>::quiet_NaN());
  }
  if (result.metrics.empty()) return std::nullopt;
  return result;
}

}  // namespace vernier::experiments
