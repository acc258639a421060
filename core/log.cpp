#include "core/log.h"

#include <cstdio>

namespace vernier {

Log stderr_log(Level least) {
  return [least](Level level, const std::string& text) {
    if (level < least) return;
    std::string line = level == Level::error     ? "error: "
                       : level == Level::warning ? "warning: "
                                                 : "";
    line += text;
    line += '\n';
    // One call: stdio locks the stream, so that lines of several threads stay whole.
    std::fwrite(line.data(), 1, line.size(), stderr);
  };
}

}  // namespace vernier
