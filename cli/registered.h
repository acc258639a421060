// Lists a registry of named variants with their options.
#pragma once
#include <fmt/ostream.h>

#include <ostream>
#include <string>

#include "cli/options.h"
#include "core/json.h"

namespace vernier::cli {

template <class Infos>
int print_registered(const Invocation& invocation, const std::string& command,
                     const std::string& summary, const Infos& infos) {
  Options options(command + " [options]", summary);
  if (!options.json().parse(invocation)) return 0;
  Json list = Json::array();
  for (const auto& info : infos)
    list.push_back({{"name", info.name}, {"summary", info.summary}, {"options", info.options}});
  if (options.has("json")) {
    fmt::print(invocation.out, "{}\n", Json{{command, list}}.dump());
    return 0;
  }
  for (const auto& info : infos) {
    fmt::print(invocation.out, "{:<20}{}\n", info.name, info.summary);
    for (const std::string& option : info.options)
      fmt::print(invocation.out, "{:<22}{}\n", "", option);
  }
  return 0;
}

}  // namespace vernier::cli
