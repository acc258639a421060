// Small text helpers shared by every folder.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vernier {

/// The candidate with the smallest edit distance (transpositions count once); empty where none is near (> 1/3 of its length + 1).
std::string nearest(std::string_view word, std::span<const std::string> candidates);
/// "; did you mean 'depth'?" or "; expected one of a, b, c" (at most 12 names).
std::string hint(std::string_view word, std::span<const std::string> candidates);

std::vector<std::string> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
std::string join(std::span<const std::string> parts, std::string_view separator);

/// The whole text as a number; nullopt otherwise. Locale-free. Accepts "1e-5", "1.0e-5", "-3", "nan", "inf";
/// nullopt beyond the range of the type.
std::optional<double> parse_double(std::string_view text);
std::optional<long long> parse_int(std::string_view text);
/// "90", "90s", "10m", "1.5h", "1d", "500ms" in seconds; throws UsageError.
double parse_duration(std::string_view text);
/// "512MB", "8GB", "1GiB" in bytes (kB, MB, GB decimal; KiB, MiB, GiB binary); throws UsageError.
std::size_t parse_bytes(std::string_view text);

/// `digits` significant digits without trailing zeros: 0.9813, 1.2e-05, 64; below 1e7 whole numbers in full: 12000.
std::string format_number(double value, int digits = 4);
/// "45 s", "3 min 20 s", "2 h 5 min".
std::string format_duration(double seconds);
/// "12.3 MB".
std::string format_bytes(double bytes);

/// Replaces bytes that are not valid UTF-8 by U+FFFD, and control characters (line ends and terminal escapes too) and overrides of the
/// writing direction by '?'.
std::string printable(std::string_view text);

}  // namespace vernier
