#include "engine/models/registry.h"

#include <array>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/text.h"

namespace vernier::engine {
namespace {

struct Entry {
  const char* name;
  ModelBuilder build;
};

constexpr Entry entries[] = {
#define VERNIER_MODEL(file, name, summary, builder, keys) {name, builder},
#include "engine/models/models.def"
#undef VERNIER_MODEL
};

}  // namespace

std::span<const ModelInfo> models() {
  static const ModelInfo infos[] = {
#define VERNIER_MODEL(file, name, summary, builder, keys) {name, summary},
#include "engine/models/models.def"
#undef VERNIER_MODEL
  };
  return infos;
}

std::span<const std::pair<std::string, std::string>> model_keys() {
  static const std::pair<std::string, std::string> list[] = {
#define VERNIER_MODEL(file, name, summary, builder, keys) {name, keys},
#include "engine/models/models.def"
#undef VERNIER_MODEL
  };
  return list;
}

Architecture build_model(const ModelSettings& settings, const Shape& input, int outputs) {
  for (const Entry& entry : entries) {
    if (settings.type != entry.name) continue;
    Architecture net = entry.build(settings, input, outputs);
    int number = 0;
    // dropout layers count in the order in which they compute
    each_layer(net.layers, [&](Layer& layer) {
      if (auto* dropout = std::get_if<DropoutLayer>(&layer.kind)) dropout->number = number++;
    });
    return net;
  }
  std::vector<std::string> names;
  for (const ModelInfo& info : models()) names.push_back(info.name);
  fail<UsageError>("[model.type] unknown model '{}'{}", printable(settings.type),
                   hint(settings.type, names));
}

}  // namespace vernier::engine
