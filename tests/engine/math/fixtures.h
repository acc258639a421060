// Oracles recorded from PyTorch: tests/fixtures/engine.
#pragma once
#include <fstream>
#include <string>

#include "core/json.h"

namespace vernier::engine::testing {

inline Json fixture(const std::string& name) {
  std::ifstream file(std::string(VERNIER_SOURCE_DIR) + "/tests/fixtures/engine/" + name);
  return Json::parse(file);
}

}  // namespace vernier::engine::testing
