// Numbers, durations and sizes: from text and to text.
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/text.h"

namespace vernier {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array<Unit, 6> duration_units{
    {{"", 1}, {"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}};
constexpr std::array<Unit, 10> byte_units{{{"", 1},
                                           {"B", 1},
                                           {"kB", 1e3},
                                           {"MB", 1e6},
                                           {"GB", 1e9},
                                           {"TB", 1e12},
                                           {"KiB", 0x1p10},
                                           {"MiB", 0x1p20},
                                           {"GiB", 0x1p30},
                                           {"TiB", 0x1p40}}};

template <class T>
std::optional<T> parse_whole(std::string_view text) {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A finite number >= 0 and one of `units`; nullopt otherwise.
std::optional<double> parse_quantity(std::string_view text, std::span<const Unit> units) {
  text = trim(text);
  const std::size_t digits = text.find_last_of("0123456789.");
  if (digits == std::string_view::npos) return std::nullopt;
  const auto number = parse_double(text.substr(0, digits + 1));
  if (!number || !std::isfinite(*number) || *number < 0) return std::nullopt;
  const std::string_view name = trim(text.substr(digits + 1));
  for (const Unit& unit : units) {
    if (unit.name == name) return *number * unit.factor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> parse_double(std::string_view text) { return parse_whole<double>(text); }

std::optional<long long> parse_int(std::string_view text) { return parse_whole<long long>(text); }

double parse_duration(std::string_view text) {
  const auto seconds = parse_quantity(text, duration_units);
  if (!seconds || !std::isfinite(*seconds)) {
    fail<UsageError>("[duration] '{}' is not a duration; expected for example 90s, 10m, 2h or 1d",
                     printable(text));
  }
  return *seconds;
}

std::size_t parse_bytes(std::string_view text) {
  const auto bytes = parse_quantity(text, byte_units);
  if (!bytes || !(*bytes < 0x1p63)) {
    fail<UsageError>("[size] '{}' is not a size; expected for example 512MB, 8GB or 1GiB",
                     printable(text));
  }
  return static_cast<std::size_t>(*bytes);
}

std::string format_number(double value, int digits) {
  if (std::abs(value) < 1e7 && std::abs(value) >= std::pow(10.0, digits)) {
    return fmt::format("{:.0f}", value);
  }
  return fmt::format("{:.{}g}", value == 0 ? 0.0 : value, digits);
}

std::string format_duration(double seconds) {
  if (!std::isfinite(seconds)) return "?";
  if (seconds < 0) return "-" + format_duration(-seconds);
  if (seconds == 0) return "0 s";
  if (seconds < 0.9995) return fmt::format("{:.3g} ms", seconds * 1e3);
  if (seconds < 9.95) return fmt::format("{:.2g} s", seconds);
  if (seconds < 59.5) return fmt::format("{:.0f} s", seconds);
  if (seconds >= 1e15) return fmt::format("{:.3g} d", seconds / 86400);
  const auto pair = [](long long total, int part, std::string_view large, std::string_view small) {
    const long long rest = total % part;
    return rest == 0 ? fmt::format("{} {}", total / part, large)
                     : fmt::format("{} {} {} {}", total / part, large, rest, small);
  };
  if (seconds < 3599.5) return pair(std::llround(seconds), 60, "min", "s");
  if (seconds < 86370) return pair(std::llround(seconds / 60), 60, "h", "min");
  return pair(std::llround(seconds / 3600), 24, "d", "h");
}

std::string format_bytes(double bytes) {
  if (!std::isfinite(bytes)) return "?";
  if (bytes < 0) return "-" + format_bytes(-bytes);
  if (bytes < 999.5) return fmt::format("{:.0f} B", bytes);
  constexpr std::array<std::string_view, 4> names{"kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  double shown = bytes / 1e3;
  while (shown >= 999.5 && unit + 1 < names.size()) {
    shown /= 1e3;
    ++unit;
  }
  return fmt::format("{} {}", format_number(shown, 3), names[unit]);
}

}  // namespace vernier
