// data.classes: a few classes of a set alone, as for transfer from some classes to others.
#pragma once
#include <span>
#include <string>

#include "engine/data/source.h"

namespace vernier::engine {

/// Keeps the examples of `classes` (names of raw.class_names, or numbers from 0) in their order; their labels become 0, 1, ... in the order given, and
/// raw.valid_count shrinks by the share of the pool that is left. Throws UsageError "[data.classes] ..." for an unknown class, one that is named
/// twice or has no example, fewer than 2, and for numbers as targets; `set` is for the messages.
void keep_classes(RawData& raw, std::span<const std::string> classes, const std::string& set);

}  // namespace vernier::engine
