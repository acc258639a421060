// One line of an external program's output: a measurement, or text for the trial's log.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "engine/engine.h"

namespace vernier::experiments {

struct MeasurementLine {
  int step = 0;  // >= 1
  engine::Metrics
      metrics;  // every number beside "step"; NaN where the program wrote NaN, Infinity or null
};

/// {"step": 1, "val_loss": 0.3, ...}: nullopt for anything else. NaN and Infinity as Python's json writes them are understood.
std::optional<MeasurementLine> parse_measurement(std::string_view line);

}  // namespace vernier::experiments
