#include "search/parameter.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"

namespace vernier::search {
namespace {

constexpr double largest_int = 9007199254740992.0;  // 2^53: exact in double

}  // namespace

bool real_number(const Value& value) {
  return (std::holds_alternative<double>(value) || std::holds_alternative<std::int64_t>(value)) &&
         std::isfinite(as_number(value));
}

void check_range(const Parameter& p) {
  const auto wrong = [&](const std::string& what, const std::string& expected) {
    fail<UsageError>("[space] parameter '{}': {}; expected {}", p.name, what, expected);
  };
  const std::string range = fmt::format("the range {} .. {}", p.low, p.high);
  if (!std::isfinite(p.low) || !std::isfinite(p.high) || !std::isfinite(p.high - p.low))
    wrong(range + " is not finite", "finite ends");
  if (p.low > p.high) wrong(range + " is empty", "low <= high");
  if (p.kind == Kind::int_) {
    if (p.low != std::floor(p.low) || p.high != std::floor(p.high))
      wrong(range + " has no integer ends", "integers");
    if (std::max(std::fabs(p.low), std::fabs(p.high)) > largest_int)
      wrong(range + " is too wide", "ends within 2^53");
    if (p.scale == Scale::reverse_log || p.scale == Scale::logit)
      wrong("an int range has no reverse_log or logit scale", "linear or log");
  }
  if (p.scale == Scale::log && p.low <= 0)
    wrong(range + " on a log scale reaches 0 or below", "low > 0");
  if (p.scale == Scale::reverse_log && p.high >= 1)
    wrong(range + " on a reverse_log scale reaches 1", "high < 1");
  if (p.scale == Scale::logit && (p.low <= 0 || p.high >= 1))
    wrong(range + " on a logit scale reaches 0 or 1", "0 < low and high < 1");
  if (p.step) {
    if (!(*p.step > 0) || !std::isfinite(*p.step))
      wrong(fmt::format("step {}", *p.step), "a step > 0");
    if (p.kind == Kind::int_ && *p.step != std::floor(*p.step))
      wrong(fmt::format("step {}", *p.step), "an integer");
    if (p.high > p.low && *p.step > (p.high - p.low) * (1 + 1e-9))
      wrong(fmt::format("step {} is wider than {}", *p.step, range), "step <= high - low");
    if ((p.high - p.low) / *p.step > largest_int)
      wrong(fmt::format("step {} in {}", *p.step, range), "at most 2^53 values");
  }
}

void check_choices(const Parameter& p) {
  const auto wrong = [&](const std::string& what, const std::string& expected) {
    fail<UsageError>("[space] parameter '{}': {}; expected {}", p.name, what, expected);
  };
  if (p.choices.empty()) wrong("no values", "at least one value");
  if (p.kind == Kind::constant && p.choices.size() != 1)
    wrong(fmt::format("a constant with {} values", p.choices.size()), "exactly one");
  for (std::size_t i = 0; i < p.choices.size(); ++i) {
    const Value& choice = p.choices[i];
    if (std::holds_alternative<std::monostate>(choice))
      wrong("null among its values", "texts, numbers or booleans");
    if (std::holds_alternative<double>(choice) && !std::isfinite(as_number(choice)))
      wrong("a value that is not finite", "finite numbers");
    if (p.kind == Kind::ordinal) {
      if (!real_number(choice))
        wrong(fmt::format("value '{}'", to_text(choice)), "numbers, as it is ordinal");
      if (i > 0 && as_number(choice) <= as_number(p.choices[i - 1]))
        wrong(fmt::format("value {} after {}", to_text(choice), to_text(p.choices[i - 1])),
              "increasing numbers");
    }
  }
  if (p.kind == Kind::categorical) {  // compared after sorting: thousands of choices are allowed
    std::vector<std::string> texts;
    for (const Value& choice : p.choices)
      texts.push_back((std::holds_alternative<std::string>(choice) ? "t" : "n") + to_text(choice));
    std::sort(texts.begin(), texts.end());
    if (const auto twice = std::adjacent_find(texts.begin(), texts.end()); twice != texts.end())
      wrong(fmt::format("value '{}' twice", twice->substr(1)), "different values");
  }
  if (p.weights.empty()) return;
  if (p.weights.size() != p.choices.size())
    wrong(fmt::format("{} probabilities for {} values", p.weights.size(), p.choices.size()),
          "one each");
  for (const double weight : p.weights)
    if (!(weight > 0) || !std::isfinite(weight))
      wrong(fmt::format("probability {}", weight), "probabilities > 0");
}

}  // namespace vernier::search
