#include "engine/settings_field.h"

#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/text.h"

namespace vernier::engine {
namespace {

std::string range(const char* open, double least, double most, const char* close) {
  if (std::isinf(most))
    return fmt::format("a number {} {}", *open == '[' ? ">=" : ">", format_number(least, 6));
  return fmt::format("a number in {}{}, {}{}", open, format_number(least, 6),
                     format_number(most, 6), close);
}

std::string shown(const Json& json) {
  std::string text = printable(json.dump(-1, ' ', false, Json::error_handler_t::replace));
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

}  // namespace

void Field::refuse(const std::string& expected) const {
  fail<UsageError>("[{}] found {}; expected {}", name_, shown(json_), expected);
}

std::int64_t Field::integer(std::int64_t least, std::int64_t most) const {
  const std::string expected = most == std::numeric_limits<std::int64_t>::max()
                                   ? fmt::format("a whole number >= {}", least)
                                   : fmt::format("a whole number from {} to {}", least, most);
  std::int64_t value = 0;
  if (json_.is_number_unsigned()) {
    const auto wide = json_.get<std::uint64_t>();
    if (wide > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      refuse(expected);
    value = static_cast<std::int64_t>(wide);
  } else if (json_.is_number_integer()) {
    value = json_.get<std::int64_t>();
  } else if (json_.is_number_float()) {
    const double real = json_.get<double>();
    // 2^53: beyond it a double no longer says which integer is meant.
    if (!(std::fabs(real) <= 9007199254740992.0) || real != std::floor(real)) refuse(expected);
    value = static_cast<std::int64_t>(real);
  } else {
    refuse(expected);
  }
  if (value < least || value > most) refuse(expected);
  return value;
}

double Field::finite(const std::string& expected) const {
  if (!json_.is_number()) refuse(expected);
  const double value = json_.get<double>();
  if (!std::isfinite(value)) refuse(expected);
  return value;
}

double Field::number(double least, double most) const {
  const std::string expected = range("[", least, most, "]");
  const double value = finite(expected);
  if (value < least || value > most) refuse(expected);
  return value;
}

double Field::number_between(double least, double most) const {
  const std::string expected = range("(", least, most, ")");
  const double value = finite(expected);
  if (value <= least || value >= most) refuse(expected);
  return value;
}

double Field::number_below(double least, double most) const {
  const std::string expected = range("[", least, most, ")");
  const double value = finite(expected);
  if (value < least || value >= most) refuse(expected);
  return value;
}

bool Field::boolean() const {
  if (!json_.is_boolean()) refuse("true or false");
  return json_.get<bool>();
}

std::string Field::text() const {
  if (!json_.is_string()) refuse("text");
  return json_.get<std::string>();
}

std::string Field::one_of(std::span<const std::string> names) const {
  if (!json_.is_string()) refuse("a name: " + join(names, ", "));
  std::string found = json_.get<std::string>();
  for (const std::string& name : names) {
    if (name == found) return found;
  }
  fail<UsageError>("[{}] unknown name '{}'{}", name_, printable(found), hint(found, names));
}

}  // namespace vernier::engine
