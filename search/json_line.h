// One line of JSON from a program that nobody vouches for.
#pragma once
#include <string>

#include "core/json.h"

namespace vernier::search {

/// NaN, Infinity and -Infinity (Python writes them) are read as null. Throws UsageError for anything that is no JSON object, and for
/// nesting deeper than 64.
Json parse_json_line(const std::string& line);

}  // namespace vernier::search
