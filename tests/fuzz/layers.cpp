#include "engine/models/layers.h"

#include <string>

#include "core/error.h"
#include "engine/ir/graph.h"
#include "engine/models/registry.h"
#include "tests/fuzz/targets.h"

namespace vernier::fuzz {
namespace {

void build(const Json& list, const engine::Shape& input) {
  engine::ModelSettings settings;
  settings.type = "layers";
  settings.layers = list;
  try {
    const engine::Architecture net = engine::build_model(settings, input, 10);
    if (engine::output_shape(net.layers, input) != engine::Shape{10}) __builtin_trap();
    (void)engine::build_graph(net);
    (void)engine::summarize(net);
    (void)engine::to_text(net);
  } catch (const UsageError&) {
  }
}

}  // namespace

void layers(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return;
  const Json list = Json::parse(data, data + size, nullptr, false);
  if (list.is_discarded()) return;
  try {
    engine::check_layers(list);
  } catch (const UsageError&) {
    return;
  }
  for (const engine::Shape& input : {engine::Shape{28, 28, 1}, {13}, {5, 3, 4}}) build(list, input);
  // What is set under a name is read under it, and keeps every other name.
  const auto names = engine::layer_setting_names(list);
  for (std::size_t i = 0; i < names.size() && i < 20; ++i) {
    Json changed = list;
    engine::set_layer_setting(changed, names[i], 3);
    if (engine::layer_setting(changed, names[i]) != 3) __builtin_trap();
    if (engine::layer_setting_names(changed) != names) __builtin_trap();
  }
}

}  // namespace vernier::fuzz
