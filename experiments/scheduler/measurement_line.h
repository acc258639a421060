// What an external program prints.
#pragma once
#include <optional>
#include <string>

#include "engine/engine.h"

namespace vernier::experiments {

struct MeasurementLine {
  int step = 0;
  engine::Metrics metrics;
};

/// {"step": 1, NAME: NUMBER, ...}; nullopt for any other line. null, NaN and Infinity (as Python writes them) are numbers that are not
/// finite; texts and nested values are left out, and a line without any number is none.
std::optional<MeasurementLine> parse_measurement(const std::string& line);

}  // namespace vernier::experiments
