// Reference values recorded from other programs (tests/fixtures/search, with the script that made them).
#pragma once
#include <fstream>
#include <string>

#include "core/json.h"

namespace vernier::search::testing {

inline Json fixture(const std::string& name) {
  std::ifstream file(std::string(VERNIER_SOURCE_DIR) + "/tests/fixtures/search/" + name);
  return Json::parse(file);
}

}  // namespace vernier::search::testing
