// YAML -> JSON with positions, stricter than YAML 1.1: a key given twice, an unquoted yes, no, on or off, tags and several
// documents are errors; 1e-5 and 1.0e-5 are both numbers; plain `1.0` stays a decimal number.
#pragma once
#include <string>

#include "core/json.h"
#include "experiments/study/places.h"

namespace vernier::experiments {

struct Document {
  Json json;
  Places places;
};

/// `name` is what errors call the text. Throws UsageError "NAME:LINE:COLUMN: ...". Bounded: 1 MB of text, 64 levels, 100,000 values
/// (aliases counted at their full size).
Document read_yaml(const std::string& text, const std::string& name);

}  // namespace vernier::experiments
