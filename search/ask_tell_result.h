// What a program tells of a trial, as it is written on the wire.
#pragma once
#include <optional>
#include <vector>

#include "search/ask_tell_header.h"

namespace vernier::search {

struct AskTellResult {
  bool failed = false;          // said so, or the value is no finite number
  std::optional<double> value;  // minimised
  std::vector<double> values;   // likewise, where there are several objectives
  std::optional<int> epoch;
  std::optional<bool> stopped;
};

/// A number as samplers see it; nullopt where it is none, or not finite.
std::optional<double> minimised(const AskTellHeader& header, const Json& value,
                                std::size_t objective);
/// {"value" or "values", or "failed", and "epoch", "stopped"}. Throws UsageError for what is missing or of another type.
AskTellResult read_result(const Json& told, const AskTellHeader& header);

}  // namespace vernier::search
