#include "search/json_line.h"

#include <array>
#include <string_view>

#include "core/error.h"
#include "core/json_reader.h"
#include "core/text.h"

namespace vernier::search {

Json parse_json_line(const std::string& line) {
  constexpr std::array<std::string_view, 3> not_finite = {"-Infinity", "Infinity", "NaN"};
  std::string text;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted) {
      if (c == '\\' && i + 1 < line.size()) text += line[i++];
      if (c == '"') quoted = false;
      text += line[i];
      continue;
    }
    if (c == '"') quoted = true;
    if ((c == '[' || c == '{') && ++depth > 64)
      fail<UsageError>("[line] nested deeper than 64; expected a message of the protocol");
    if (c == ']' || c == '}') --depth;
    bool replaced = false;
    for (const std::string_view word : not_finite) {
      if (std::string_view(line).substr(i, word.size()) != word) continue;
      text += "null";
      i += word.size() - 1;
      replaced = true;
      break;
    }
    if (!replaced) text += c;
  }
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::exception& error) {
    fail<UsageError>("[line] no JSON: {}", printable(error.what()));
  }
  if (!json.is_object()) fail<UsageError>("[line] found {}; expected a JSON object", shown(json));
  return json;
}

}  // namespace vernier::search
