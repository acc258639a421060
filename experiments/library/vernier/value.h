// Values of parameters, and the small words that the other headers share.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#if defined(__GNUC__)
#define VERNIER_EXPORT __attribute__((visibility("default")))
#else
#define VERNIER_EXPORT
#endif

namespace vernier {

/// monostate is never a parameter's value: it stands for one that is missing.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string>;
/// By name, in the order in which a trial asked for them.
using Params = std::vector<std::pair<std::string, Value>>;
/// What is measured at a step, by name.
using Metrics = std::vector<std::pair<std::string, double>>;

enum class Direction { minimize, maximize };
using enum Direction;

/// On which axis a range is uniform: v, or ln v (low > 0).
enum class Scale { linear, log };
inline constexpr Scale log = Scale::log;

}  // namespace vernier
