#include <fmt/ostream.h>

#include <ostream>

#include "cli/options.h"
#include "cli/output.h"
#include "cli/terminal/table.h"
#include "core/error.h"
#include "core/text.h"
#include "engine/effects.h"
#include "engine/engine.h"

namespace vernier::cli {
namespace {

std::vector<int> parse_shape(const std::string& text) {
  std::vector<int> shape;
  for (const std::string& part : split(text, 'x')) {
    const auto size = parse_int(part);
    if (!size || *size < 1 || *size > 1'000'000)
      fail<UsageError>("[models] --input '{}'; expected sizes such as 784 or 28x28x1",
                       printable(text));
    shape.push_back(static_cast<int>(*size));
  }
  return shape;
}

int list_models(const Invocation& invocation, bool json) {
  Json list = Json::array();
  store::Table table{{"model", "what"}, {}};
  for (const engine::ModelInfo& model : engine::models()) {
    list.push_back({{"name", model.name}, {"summary", model.summary}});
    table.rows.push_back({model.name, model.summary});
  }
  if (json) {
    fmt::print(invocation.out, "{}\n", Json{{"models", list}}.dump());
  } else {
    print_table(invocation.out, table, terminal_of(1));
  }
  return 0;
}

}  // namespace

int models(const Invocation& invocation) {
  Options options("models [NAME] [options]",
                  "The networks; with a name, its layers, output shapes, parameters and FLOPs.");
  options.argument("NAME", 0, 1)
      .json()
      .value("input", "SHAPE", "of one example (default 28x28x1)")
      .value("classes", "N", "outputs (default 10)");
  options.values("set", "KEY=VALUE", "a setting of the model: --set width=64");
  if (!options.parse(invocation)) return 0;
  const auto name = options.text("NAME");
  if (!name) return list_models(invocation, options.has("json"));
  Json section{{"type", *name}};
  for (const std::string& item : options.list("set")) {
    const auto equal = item.find('=');
    if (equal == std::string::npos)
      fail<UsageError>("[models] --set '{}'; expected KEY=VALUE", printable(item));
    const Json value = Json::parse(item.substr(equal + 1), nullptr, false);
    section[item.substr(0, equal)] = value.is_discarded() ? Json(item.substr(equal + 1)) : value;
  }
  const Json sections{{"model", section}};
  const engine::TrialSettings settings = engine::settings_from_json(sections);
  engine::check_effects(engine::keys_given(sections), engine::chosen(settings));
  const engine::Engine engine({.data_dirs = data_dirs(), .log = stderr_log()});
  const int classes = static_cast<int>(options.integer("classes", 1, 1'000'000).value_or(10));
  const auto summary =
      engine.summarize(settings.model, parse_shape(options.text("input", "28x28x1")), classes);
  if (options.has("json")) {
    Json layers = Json::array();
    for (const auto& layer : summary.layers) {
      layers.push_back({{"name", layer.name},
                        {"output", layer.output},
                        {"parameters", layer.parameters},
                        {"flops", layer.flops}});
    }
    fmt::print(invocation.out, "{}\n",
               Json{{"name", *name},
                    {"parameters", summary.parameters},
                    {"weights", summary.weights},
                    {"flops", summary.flops},
                    {"bytes", summary.bytes},
                    {"layers", layers}}
                   .dump());
    return 0;
  }
  store::Table table{{"layer", "output", "parameters", "FLOPs"}, {}};
  for (const auto& layer : summary.layers) {
    table.rows.push_back(
        {layer.name, layer.output, static_cast<std::int64_t>(layer.parameters), layer.flops});
  }
  print_table(invocation.out, table, terminal_of(1), 9);
  fmt::print(invocation.out, "\n{} parameters, {} weights, {} FLOPs forward per example\n",
             summary.parameters, summary.weights, format_number(summary.flops, 9));
  return 0;
}

}  // namespace vernier::cli
