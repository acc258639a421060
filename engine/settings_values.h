// Values of settings that are lists, or have a form of their own. Each refuses what it cannot read (Field::refuse).
#pragma once
#include <string>
#include <vector>

#include "engine/settings_field.h"

namespace vernier::engine {

/// Units of 1 to 64 layers.
std::vector<int> read_widths(const Field& field);
/// 2 to 1000 classes, by name or number; as text.
std::vector<std::string> read_classes(const Field& field);
/// "STUDY#17": what it names is looked up by whoever keeps trials. none: empty.
std::string read_trial_name(const Field& field);
/// A list, one name alone, or none.
std::vector<std::string> read_layer_names(const Field& field);
/// Names of recordings(): a list, or one alone.
std::vector<std::string> read_recordings(const Field& field);
/// "common", "per_trial" or a number, as text.
std::string read_seed(const Field& field);

}  // namespace vernier::engine
