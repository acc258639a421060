// One cell of comma-separated text (RFC 4180) that a spreadsheet does not take for a formula.
#pragma once
#include <string>
#include <string_view>

#include "core/value.h"

namespace vernier::store {

/// Numbers so that they read back equal, true and false, nothing for a missing value; text in quotes where it needs them. A text that begins with
/// = + - @, a tab or a carriage return, behind any number of ', gets one ' more in front: plain_text() takes it away again.
std::string csv_cell(const Value& value);
/// The text that csv_cell() was given, of a cell whose quotes are gone.
std::string plain_text(std::string_view cell);

}  // namespace vernier::store
