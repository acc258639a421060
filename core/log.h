// Diagnostics for people, on a sink that is passed in.
#pragma once
#include <functional>
#include <string>

namespace vernier {

enum class Level { info, warning, error };
using Log = std::function<void(Level, const std::string&)>;

/// "warning: text" on standard error; a line at a time from any thread.
Log stderr_log(Level least = Level::warning);
inline Log null_log() {
  return [](Level, const std::string&) {};
}

}  // namespace vernier
