#include "reports/analysis/ranges.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "reports/analysis/ranking.h"

namespace vernier::reports {

namespace {

std::optional<double> number_at(const Json& json, const char* key) {
  if (!json.is_object() || !json.contains(key) || !json[key].is_number()) return std::nullopt;
  const double value = json[key].get<double>();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::string text_at(const Json& json, const char* key) {
  const bool found = json.is_object() && json.contains(key) && json[key].is_string();
  return found ? json[key].get<std::string>() : std::string();
}

/// Different values in use, numbers in order, then everything else in order of appearance.
std::vector<Value> values_seen(const StudyData& data, const std::string& name) {
  std::set<double> numbers;
  std::vector<Value> others, result;
  for (const auto& trial : data.trials) {
    const Value* value = trial.config.find(name);
    if (!value || std::holds_alternative<std::monostate>(*value)) continue;
    if (is_number(*value) && !std::holds_alternative<bool>(*value)) {
      numbers.insert(as_number(*value));
    } else if (std::find(others.begin(), others.end(), *value) == others.end()) {
      others.push_back(*value);
    }
  }
  for (const double x : numbers) result.emplace_back(x);
  result.insert(result.end(), others.begin(), others.end());
  return result;
}

bool same(const Value& a, const Value& b) {
  const bool bools = std::holds_alternative<bool>(a) || std::holds_alternative<bool>(b);
  if (!bools && is_number(a) && is_number(b)) return as_number(a) == as_number(b);
  return a == b;
}

double on_axis(const ParamRange& range, double value) {
  return range.log ? std::log(value) : value;
}

}  // namespace

std::vector<ParamRange> param_ranges(const StudyData& data) {
  std::vector<ParamRange> ranges;
  for (const auto& param : data.study.params) {
    ParamRange range{param.name, param.type, false, false, 0, 1, {}, ""};
    const Json& definition = param.definition;
    range.when = text_at(definition, "when");
    if (definition.is_object() && definition.contains("choices") &&
        definition["choices"].is_array()) {
      for (const auto& choice : definition["choices"]) {
        if (!choice.is_structured()) range.choices.push_back(value_from_json(choice));
      }
    }
    const auto seen = values_seen(data, param.name);
    const auto& values = range.choices.empty() ? seen : range.choices;
    const bool numbers = !values.empty() && std::all_of(values.begin(), values.end(), [](auto& v) {
      return is_number(v) && !std::holds_alternative<bool>(v);
    });
    range.numeric =
        param.type == "float" || param.type == "int" || (param.type == "ordinal" && numbers);
    if (range.numeric) {
      double low = INFINITY, high = -INFINITY;
      for (const auto& value : values) {
        if (!is_number(value)) continue;
        low = std::min(low, as_number(value));
        high = std::max(high, as_number(value));
      }
      range.low = number_at(definition, "low").value_or(low <= high ? low : 0.0);
      range.high = number_at(definition, "high").value_or(low <= high ? high : 1.0);
      if (!(range.low <= range.high)) std::swap(range.low, range.high);
      const std::string scale = text_at(definition, "scale");
      // Ordinal values that double, as batch sizes do, read best on a log axis.
      const bool doubling = param.type == "ordinal" && range.low > 0 && range.high >= 4 * range.low;
      range.log = range.low > 0 && (scale == "log" || doubling);
    } else if (range.choices.empty()) {
      range.choices = seen;
    }
    ranges.push_back(std::move(range));
  }
  return ranges;
}

std::vector<BestRegion> best_regions(const StudyData& data, const std::vector<ParamRange>& ranges) {
  std::vector<BestRegion> regions;
  const auto best = best_tenth(data);
  for (const auto& range : ranges) {
    BestRegion region;
    region.name = range.name;
    double low = INFINITY, high = -INFINITY;
    for (const std::size_t i : best) {
      const Value* value = data.trials[i].config.find(range.name);
      if (!value) continue;
      if (range.numeric && !is_number(*value)) continue;
      ++region.trials;
      if (range.numeric) {
        low = std::min(low, as_number(*value));
        high = std::max(high, as_number(*value));
      } else if (std::none_of(region.choices.begin(), region.choices.end(),
                              [&](const Value& v) { return same(v, *value); })) {
        region.choices.push_back(*value);
      }
    }
    if (region.trials == 0) continue;
    if (range.numeric) {
      region.low = low;
      region.high = high;
      const double width = on_axis(range, range.high) - on_axis(range, range.low);
      const double used = on_axis(range, high) - on_axis(range, low);
      region.covered = width > 0 ? std::clamp(used / width, 0.0, 1.0) : 1;
    } else if (!range.choices.empty()) {
      region.covered =
          static_cast<double>(region.choices.size()) / static_cast<double>(range.choices.size());
    }
    regions.push_back(std::move(region));
  }
  return regions;
}

Bins bins(const StudyData& data, const ParamRange& range, int most) {
  Bins result;
  result.cell.assign(data.trials.size(), -1);
  const auto seen = values_seen(data, range.name);
  const double width = on_axis(range, range.high) - on_axis(range, range.low);
  const bool cut = range.numeric && static_cast<int>(seen.size()) > most && width > 0;
  if (cut) {
    for (int i = 0; i <= most; ++i) {
      const double at = on_axis(range, range.low) + width * i / most;
      result.edges.push_back(range.log ? std::exp(at) : at);
    }
    result.edges.front() = range.low;
    result.edges.back() = range.high;
  } else {
    result.values = range.choices.empty() ? seen : range.choices;
  }
  for (std::size_t i = 0; i < data.trials.size(); ++i) {
    const Value* value = data.trials[i].config.find(range.name);
    if (!value) continue;
    if (cut) {
      const double x = as_number(*value);
      if (!(x >= range.low && x <= range.high)) continue;
      const double share = (on_axis(range, x) - on_axis(range, range.low)) / width;
      result.cell[i] = std::clamp(static_cast<int>(share * most + 1e-9), 0, most - 1);
    } else {
      for (std::size_t k = 0; k < result.values.size(); ++k) {
        if (same(result.values[k], *value)) result.cell[i] = static_cast<int>(k);
      }
    }
  }
  return result;
}

}  // namespace vernier::reports
