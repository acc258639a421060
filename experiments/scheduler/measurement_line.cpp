#include "experiments/scheduler/measurement_line.h"

#include <cctype>
#include <limits>

#include "core/text.h"

namespace vernier::experiments {
namespace {

/// NaN, Infinity and -Infinity outside of strings become null.
std::string without_nan(const std::string& line) {
  std::string out;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '\\') {
      out += c;
      if (++i < line.size()) out += line[i];
      continue;
    }
    if (c == '"') quoted = !quoted;
    bool replaced = false;
    for (const std::string_view word : {"NaN", "-Infinity", "Infinity", "nan", "-inf", "inf"}) {
      if (quoted || line.compare(i, word.size(), word) != 0) continue;
      out += "null";
      i += word.size() - 1;
      replaced = true;
      break;
    }
    if (!replaced) out += c;
  }
  return out;
}

}  // namespace

std::optional<MeasurementLine> parse_measurement(const std::string& line) {
  const std::string_view text = trim(line);
  if (!text.starts_with('{') || !text.ends_with('}') || text.size() > 65536) return std::nullopt;
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) json = Json::parse(without_nan(std::string(text)), nullptr, false);
  if (!json.is_object() || !json.contains("step") || !json["step"].is_number_integer())
    return std::nullopt;
  const auto step = json["step"].get<std::int64_t>();
  if (step < 1 || step > 1000000000) return std::nullopt;
  MeasurementLine found;
  found.step = static_cast<int>(step);
  for (const auto& [name, value] : json.items()) {
    if (name == "step" || name.empty() || name.size() > 100 || printable(name) != name) continue;
    if (value.is_number()) found.metrics.emplace_back(name, value.get<double>());
    if (value.is_boolean()) found.metrics.emplace_back(name, value.get<bool>() ? 1 : 0);
    if (value.is_null()) found.metrics.emplace_back(name, std::numeric_limits<double>::quiet_NaN());
    if (found.metrics.size() > 1000) break;
  }
  if (found.metrics.empty()) return std::nullopt;
  return found;
}

}  // namespace vernier::experiments
