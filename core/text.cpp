#include "core/text.h"

#include <algorithm>
#include <array>

#include "core/error.h"

namespace vernier {
namespace {

char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

/// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours cost one.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = fold(a[i - 1]) == fold(b[j - 1]);
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (same ? 0 : 1)});
      const bool swapped =
          i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1]);
      if (swapped) next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  std::size_t best = word.size() / 3 + 2;
  std::string result;
  for (const std::string& candidate : candidates) {
    const auto [small, large] = std::minmax({word.size(), candidate.size()});
    if (large - small >= best) continue;
    const std::size_t distance = edit_distance(word, candidate);
    // A one-letter word is one replacement away from every other one: that is no likeness.
    if (distance < best && distance < std::max<std::size_t>(large, 1)) {
      best = distance;
      result = candidate;
    }
  }
  return result;
}

std::string hint(std::string_view word, std::span<const std::string> candidates) {
  if (candidates.empty()) return "";
  if (const std::string near = nearest(word, candidates); !near.empty()) {
    return fmt::format("; did you mean '{}'?", near);
  }
  constexpr std::size_t shown = 12;
  const std::size_t count = std::min(shown, candidates.size());
  return fmt::format("; expected one of {}{}", join(candidates.first(count), ", "),
                     candidates.size() > shown ? ", ..." : "");
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts.begin(), parts.end(), separator));
}

}  // namespace vernier
