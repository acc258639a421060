// JSON as YAML that read_yaml reads back equal: mappings over lines, lists in one.
#pragma once
#include <string>

#include "core/json.h"

namespace vernier::experiments {

std::string write_yaml(const Json& json);

}  // namespace vernier::experiments
