#include "engine/data/class_choice.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"

namespace vernier::engine {
namespace {

constexpr int dropped = -1;

/// By class as stored: its new number, or `dropped`.
std::vector<int> new_numbers(const RawData& raw, std::span<const std::string> classes,
                             const std::string& set) {
  std::vector<int> numbers(static_cast<std::size_t>(raw.classes), dropped);
  for (std::size_t k = 0; k < classes.size(); ++k) {
    const auto named = std::find(raw.class_names.begin(), raw.class_names.end(), classes[k]);
    const auto number = parse_int(classes[k]);
    std::size_t found = static_cast<std::size_t>(named - raw.class_names.begin());
    if (named == raw.class_names.end()) {
      if (!number || *number < 0 || *number >= raw.classes) {
        fail<UsageError>("[data.classes] '{}' has no class '{}'; expected {}", set,
                         printable(classes[k]),
                         raw.class_names.empty()
                             ? fmt::format("numbers from 0 to {}", raw.classes - 1)
                             : "some of " + join(raw.class_names, ", ") + ", or their numbers");
      }
      found = static_cast<std::size_t>(*number);
    }
    if (numbers[found] != dropped) {
      fail<UsageError>(
          "[data.classes] '{}' is class {}, which is there already; expected each once",
          printable(classes[k]), found);
    }
    numbers[found] = static_cast<int>(k);
  }
  return numbers;
}

void keep(Examples& examples, std::span<const int> numbers, std::size_t features) {
  std::size_t kept = 0;
  const auto move_row = [&](auto& rows, std::size_t from) {
    if (rows.empty()) return;
    const auto row = rows.begin() + static_cast<std::ptrdiff_t>(from * features);
    std::copy(row, row + static_cast<std::ptrdiff_t>(features),
              rows.begin() + static_cast<std::ptrdiff_t>(kept * features));
  };
  for (std::size_t i = 0; i < examples.labels.size(); ++i) {
    const int number = numbers[static_cast<std::size_t>(examples.labels[i])];
    if (number == dropped) continue;
    if (kept != i) {
      move_row(examples.bytes, i);
      move_row(examples.numbers, i);
    }
    examples.labels[kept++] = number;
  }
  if (!examples.bytes.empty()) examples.bytes.resize(kept * features);
  if (!examples.numbers.empty()) examples.numbers.resize(kept * features);
  examples.labels.resize(kept);
  examples.n = static_cast<int>(kept);
}

}  // namespace

void keep_classes(RawData& raw, std::span<const std::string> classes, const std::string& set) {
  if (raw.classes == 0) {
    fail<UsageError>("[data.classes] given with '{}', whose target is a number; expected classes",
                     set);
  }
  const std::vector<int> numbers = new_numbers(raw, classes, set);
  const double before = raw.pool.n;
  const auto features = static_cast<std::size_t>(raw.features());
  keep(raw.pool, numbers, features);
  if (raw.valid) keep(*raw.valid, numbers, features);
  if (raw.test) keep(*raw.test, numbers, features);
  if (raw.valid_count)
    raw.valid_count = static_cast<int>(std::lround(*raw.valid_count * (raw.pool.n / before)));
  for (std::size_t k = 0; k < classes.size(); ++k) {
    if (std::count(raw.pool.labels.begin(), raw.pool.labels.end(), static_cast<int>(k)) == 0) {
      fail<UsageError>("[data.classes] '{}' has no training example of class '{}'; expected some",
                       set, printable(classes[k]));
    }
  }
  std::vector<std::string> names(classes.size());
  for (std::size_t c = 0; c < numbers.size(); ++c) {
    if (numbers[c] == dropped) continue;
    names[static_cast<std::size_t>(numbers[c])] =
        raw.class_names.empty() ? std::to_string(c) : raw.class_names[c];
  }
  raw.class_names = std::move(names);
  if (raw.outputs == raw.classes) raw.outputs = static_cast<int>(classes.size());
  raw.classes = static_cast<int>(classes.size());
}

}  // namespace vernier::engine
