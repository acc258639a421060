// The version of the program, from CMake's project().
#pragma once

namespace vernier::cli {

inline const char* version_text() { return VERNIER_VERSION; }

}  // namespace vernier::cli
