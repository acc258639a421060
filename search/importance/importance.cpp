#include "search/importance/importance.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.h"
#include "core/stats.h"

namespace vernier::search {
namespace {

struct Column {
  std::vector<Value> settings;
  std::vector<double> values;
};

bool numeric(const Column& column) {
  return std::all_of(column.settings.begin(), column.settings.end(), [](const Value& v) {
    return is_number(v) && !std::holds_alternative<bool>(v);
  });
}

double correlation(const Column& column) {
  std::vector<double> numbers;
  for (const Value& setting : column.settings) numbers.push_back(as_number(setting));
  const double r = spearman(numbers, column.values);
  return std::isfinite(r) ? r : 0;
}

double correlation_ratio(const Column& column) {
  std::map<Value, std::vector<double>> groups;
  const std::vector<double> ranked = ranks(column.values);
  for (std::size_t i = 0; i < ranked.size(); ++i) groups[column.settings[i]].push_back(ranked[i]);
  const double n = static_cast<double>(ranked.size()), k = static_cast<double>(groups.size());
  const double middle = mean(ranked);
  double within = 0, total = 0;
  for (const auto& [setting, group] : groups) {
    const double group_mean = mean(group);
    for (const double rank : group) {
      within += (rank - group_mean) * (rank - group_mean);
      total += (rank - middle) * (rank - middle);
    }
  }
  if (k < 2 || n <= k || total <= 0) return 0;
  return std::max(0.0, 1 - within / total * (n - 1) / (n - k));
}

}  // namespace

std::vector<Importance> importance(std::span<const Config> configs,
                                   std::span<const double> values) {
  if (configs.size() != values.size())
    fail<UsageError>("[importance] {} configurations and {} values; expected one each",
                     configs.size(), values.size());
  std::map<std::string, Column> columns;
  std::size_t counted = 0;
  for (std::size_t i = 0; i < configs.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    ++counted;
    for (const auto& [name, setting] : configs[i]) {
      if (std::holds_alternative<std::monostate>(setting)) continue;
      columns[name].settings.push_back(setting);
      columns[name].values.push_back(values[i]);
    }
  }
  std::vector<Importance> out;
  double total = 0;
  for (const auto& [name, column] : columns) {
    Importance entry{name, 0, 0};
    if (column.values.size() >= 3) {
      if (numeric(column)) {
        const double r = correlation(column);
        entry.share = r * r;
        entry.sign = (r > 0) - (r < 0);
      } else {
        entry.share = correlation_ratio(column);
      }
      entry.share *= static_cast<double>(column.values.size()) / static_cast<double>(counted);
    }
    total += entry.share;
    out.push_back(std::move(entry));
  }
  if (total > 0)
    for (Importance& entry : out) entry.share /= total;
  std::stable_sort(out.begin(), out.end(),
                   [](const Importance& a, const Importance& b) { return a.share > b.share; });
  return out;
}

}  // namespace vernier::search
