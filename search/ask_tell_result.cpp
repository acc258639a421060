#include "search/ask_tell_result.h"

#include <cmath>

#include "core/error.h"
#include "core/json_reader.h"
#include "search/json_line.h"

namespace vernier::search {

std::optional<double> minimised(const AskTellHeader& header, const Json& value,
                                std::size_t objective) {
  if (!value.is_number()) return std::nullopt;
  const double number = value.get<double>();
  if (!std::isfinite(number)) return std::nullopt;
  return header.maximize[objective] ? -number : number;
}

AskTellResult read_result(const Json& told, const AskTellHeader& header) {
  JsonReader reader(told, "tell");
  AskTellResult out;
  const auto flag = [&](const char* name) {
    const Json* given = reader.find(name);
    return given && !given->is_null() && reader.boolean(name, false);
  };
  out.failed = flag("failed");
  if (told.contains("stopped")) out.stopped = flag("stopped");
  if (const auto epoch = reader.optional_integer("epoch", 0, most_epochs))
    out.epoch = static_cast<int>(*epoch);
  if (out.failed) return out;
  const std::size_t objectives = header.maximize.size();
  if (const Json* values = reader.find("values")) {
    if (!values->is_array() || values->size() != objectives)
      reader.refuse("values",
                    fmt::format("found {}; expected {} numbers", shown(*values), objectives));
    out.value = minimised(header, (*values)[0], 0);
    for (std::size_t i = 0; i < objectives; ++i) {
      const auto value = minimised(header, (*values)[i], i);
      out.failed = out.failed || !value;
      if (value && objectives > 1) out.values.push_back(*value);
    }
  } else {
    const Json* value = reader.find("value");
    if (!value || objectives > 1)
      reader.refuse(objectives > 1 ? "values" : "value", "is missing; expected it, or failed");
    if (!value->is_number() && !value->is_null())
      reader.refuse("value", fmt::format("found {}; expected a number", shown(*value)));
    out.value = minimised(header, *value, 0);
    out.failed = !out.value;
  }
  if (out.failed) out.value.reset();
  if (out.failed) out.values.clear();
  return out;
}

}  // namespace vernier::search
