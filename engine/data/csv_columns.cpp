#include "engine/data/csv_columns.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.h"
#include "core/text.h"

namespace vernier::engine {
namespace {

constexpr std::size_t most_texts = 64;
constexpr std::size_t most_integer_classes = 20;
constexpr std::size_t most_features = 1 << 20;

std::optional<double> number_in(const std::string& text) {
  const std::optional<double> value = parse_double(text);
  if (value && std::isfinite(static_cast<float>(*value))) return value;
  return std::nullopt;
}

class Column {
 public:
  Column(const CsvTable& table, std::size_t index, const std::string& file)
      : table_(table), index_(index), file_(file) {
    std::size_t numbers = 0;
    for (const auto& row : table.rows) numbers += number_in(row[index]).has_value();
    numeric_ = 2 * numbers > table.rows.size();
  }

  bool numeric() const { return numeric_; }

  std::vector<double> numbers() const {
    std::vector<double> values;
    for (std::size_t r = 0; r < table_.rows.size(); ++r) {
      const auto value = number_in(text(r));
      if (!value) refuse(r, "a finite number");
      values.push_back(*value);
    }
    return values;
  }

  /// The different texts, sorted.
  std::vector<std::string> texts() const {
    std::set<std::string> found;
    for (std::size_t r = 0; r < table_.rows.size(); ++r) found.insert(text(r));
    return {found.begin(), found.end()};
  }

  const std::string& text(std::size_t row) const { return table_.rows[row][index_]; }

  [[noreturn]] void refuse(std::size_t row, const std::string& expected) const {
    fail<UsageError>("[{}:{}] column '{}': found '{}'; expected {}", file_, table_.lines[row],
                     printable(table_.header[index_]), printable(text(row).substr(0, 60)),
                     expected);
  }

 private:
  const CsvTable& table_;
  std::size_t index_;
  const std::string& file_;
  bool numeric_ = false;
};

std::size_t target_index(const CsvTable& table, const std::string& target,
                         const std::string& name) {
  if (target.empty())
    fail<UsageError>("[data.target] missing; expected a column of {}: {}", name,
                     join(table.header, ", "));
  const auto at = std::find(table.header.begin(), table.header.end(), target);
  if (at == table.header.end()) {
    fail<UsageError>("[data.target] {} has no column '{}'{}", name, printable(target),
                     hint(target, table.header));
  }
  return static_cast<std::size_t>(at - table.header.begin());
}

bool are_classes(const std::vector<double>& values) {
  std::set<double> different;
  for (const double value : values) {
    if (value != std::floor(value) || std::fabs(value) > 1e9) return false;
    different.insert(value);
    if (different.size() > most_integer_classes) return false;
  }
  return 2 * different.size() <= values.size();
}

void read_target(const Column& column, const std::string& name, const std::string& target,
                 RawData& data) {
  Examples& examples = data.pool;
  if (column.numeric()) {
    const std::vector<double> values = column.numbers();
    if (!are_classes(values)) {
      examples.targets.assign(values.begin(), values.end());
      data.outputs = 1;
      return;
    }
    const std::set<double> different(values.begin(), values.end());
    const std::vector<double> sorted(different.begin(), different.end());
    for (const double value : sorted) data.class_names.push_back(fmt::format("{:.0f}", value));
    for (const double value : values) {
      examples.labels.push_back(static_cast<std::int32_t>(
          std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin()));
    }
  } else {
    data.class_names = column.texts();
    for (int r = 0; r < examples.n; ++r) {
      const std::string& text = column.text(static_cast<std::size_t>(r));
      if (text.empty()) column.refuse(static_cast<std::size_t>(r), "a class");
      const auto at = std::lower_bound(data.class_names.begin(), data.class_names.end(), text);
      examples.labels.push_back(static_cast<std::int32_t>(at - data.class_names.begin()));
    }
  }
  if (data.class_names.size() < 2 ||
      2 * data.class_names.size() > static_cast<std::size_t>(examples.n)) {
    fail<UsageError>(
        "[{}] column '{}' has {} different values in {} rows; expected 2 classes or more, and at "
        "least 2 rows for each",
        name, printable(target), data.class_names.size(), examples.n);
  }
  data.classes = data.outputs = static_cast<int>(data.class_names.size());
}

}  // namespace

RawData csv_columns(const CsvTable& table, const std::string& target, const std::string& name) {
  const std::size_t target_column = target_index(table, target, name);
  const std::size_t n = table.rows.size();
  if (n < 6) fail<UsageError>("[{}] {} rows below the header; expected 6 or more", name, n);
  RawData data;
  data.pool.n = static_cast<int>(n);
  std::vector<std::vector<float>> features;  // by column
  for (std::size_t c = 0; c < table.header.size(); ++c) {
    const Column column(table, c, name);
    if (c == target_column) {
      read_target(column, name, target, data);
    } else if (column.numeric()) {
      const std::vector<double> values = column.numbers();
      features.emplace_back(values.begin(), values.end());
    } else {
      const std::vector<std::string> texts = column.texts();
      if (texts.size() > most_texts) {
        fail<UsageError>(
            "[{}] column '{}' has {} different texts; expected numbers, or at most {} texts", name,
            printable(table.header[c]), texts.size(), most_texts);
      }
      for (const std::string& text : texts) {
        std::vector<float>& feature = features.emplace_back();
        for (std::size_t r = 0; r < n; ++r) feature.push_back(column.text(r) == text ? 1.0f : 0.0f);
      }
    }
  }
  if (features.empty() || features.size() > most_features) {
    fail<UsageError>("[{}] {} input columns beside '{}'; expected 1 to {}", name, features.size(),
                     printable(target), most_features);
  }
  data.shape = {static_cast<int>(features.size())};
  data.pool.numbers.reserve(n * features.size());
  for (std::size_t r = 0; r < n; ++r) {
    for (const auto& feature : features) data.pool.numbers.push_back(feature[r]);
  }
  return data;
}

}  // namespace vernier::engine
