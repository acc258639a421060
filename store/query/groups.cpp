#include "store/query/groups.h"

#include <algorithm>
#include <cmath>

#include "core/stats.h"

namespace vernier::store {
namespace {

enum Function : char { mean, median_of, sum, lowest, highest, count };

char function_of(const std::string& name) {
  if (name == "mean") return mean;
  if (name == "median") return median_of;
  if (name == "sum") return sum;
  if (name == "min") return lowest;
  return name == "max" ? highest : count;
}

int rank(const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return 0;
  return std::holds_alternative<std::string>(value) ? 2 : 1;
}

int sign(auto a, auto b) { return a < b ? -1 : a > b ? 1 : 0; }

/// Of a whole number and a double that may be far outside its range.
int compare_mixed(std::int64_t a, double b) {
  if (b >= 9223372036854775808.0) return -1;
  if (b < -9223372036854775808.0) return 1;
  const auto whole = static_cast<std::int64_t>(b);
  if (a != whole) return sign(a, whole);
  return sign(0.0, b - static_cast<double>(whole));
}

}  // namespace

int compare_values(const Value& a, const Value& b) {
  if (const int ranks = sign(rank(a), rank(b)); ranks != 0 || rank(a) == 0) return ranks;
  if (rank(a) == 2) {
    const int order = std::get<std::string>(a).compare(std::get<std::string>(b));
    return sign(order, 0);
  }
  const auto *i = std::get_if<std::int64_t>(&a), *j = std::get_if<std::int64_t>(&b);
  if (i && j) return sign(*i, *j);
  if (i) return compare_mixed(*i, as_number(b));
  if (j) return -compare_mixed(*j, as_number(a));
  return sign(as_number(a), as_number(b));
}

Groups::Groups(std::size_t keys, std::vector<std::string> functions) : keys_(keys), key_(keys) {
  for (const std::string& name : functions) functions_ += function_of(name);
}

std::size_t Groups::Hash::operator()(const std::vector<Value>& key) const {
  std::size_t all = 0;
  for (const Value& value : key) {
    const auto* text = std::get_if<std::string>(&value);
    const std::size_t one = text               ? std::hash<std::string>()(*text)
                            : is_number(value) ? std::hash<double>()(as_number(value))
                                               : 1;
    all = all * 0x9E3779B97F4A7C15ull + one;
  }
  return all;
}

bool Groups::Equal::operator()(const std::vector<Value>& a, const std::vector<Value>& b) const {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Value& x, const Value& y) { return compare_values(x, y) == 0; });
}

void Groups::add(std::span<const Value> row) {
  std::copy_n(row.begin(), keys_, key_.begin());
  auto found = groups_.find(key_);
  if (found == groups_.end())
    found = groups_.emplace(key_, std::vector<Part>(functions_.size())).first;
  for (std::size_t i = 0; i < functions_.size(); ++i)
    add(found->second[i], functions_[i], row[keys_ + i]);
}

void Groups::add(Part& part, char function, const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return;
  ++part.count;
  switch (function) {
    case mean:
    case sum: {
      part.real += as_number(value);
      const auto* whole = std::get_if<std::int64_t>(&value);
      part.integers =
          part.integers && whole && !__builtin_add_overflow(part.whole, *whole, &part.whole);
      break;
    }
    case median_of:
      part.sample.push_back(as_number(value));
      break;
    case lowest:
    case highest: {
      const int order = part.count == 1 ? 0 : compare_values(value, part.extreme);
      if (part.count == 1 || (function == lowest ? order < 0 : order > 0)) part.extreme = value;
      break;
    }
    default:
      break;
  }
}

Value Groups::result(const Part& part, char function) {
  if (function == count) return part.count;
  if (part.count == 0) return {};
  const auto number = [](double x) { return std::isnan(x) ? Value() : Value(x); };
  switch (function) {
    case mean:
      return number(part.real / static_cast<double>(part.count));
    case sum:
      return part.integers ? Value(part.whole) : number(part.real);
    case median_of:
      return number(median(part.sample));
    default:
      return part.extreme;
  }
}

std::vector<std::vector<Value>> Groups::rows() const {
  std::vector<std::vector<Value>> all;
  for (const auto& [key, parts] : groups_) {
    auto& row = all.emplace_back(key);
    for (std::size_t i = 0; i < parts.size(); ++i) row.push_back(result(parts[i], functions_[i]));
  }
  std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) {
    for (std::size_t i = 0; i < keys_; ++i) {
      if (const int order = compare_values(a[i], b[i])) return order < 0;
    }
    return false;
  });
  return all;
}

}  // namespace vernier::store
