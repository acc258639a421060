#include <algorithm>
#include <limits>

#include "core/error.h"
#include "core/text.h"
#include "experiments/study/dotted.h"
#include "experiments/study/sections.h"

namespace vernier::experiments {
namespace {

/// The base section's value where the space has it, else the centre of the range.
Value fallback(const Spec& spec, const search::Space& space, std::size_t index) {
  const search::Axis& axis = space.axis(index);
  const Json written = get_dotted(spec.json, space.parameters()[index].name);
  if (written.is_primitive() && !written.is_null())
    if (const auto value = axis.canonical(value_from_json(written))) return *value;
  return axis.at(0.5);
}

Config read_one(const Reader& reader, const Spec& spec, const search::Space& space) {
  reader.section();
  std::vector<std::string> names;
  for (const search::Parameter& parameter : space.parameters()) names.push_back(parameter.name);
  reader.only(names);
  std::vector<Config::Item> items;
  for (std::size_t i = 0; i < space.size(); ++i) {
    const Reader entry = reader.at(names[i]);
    if (!reader.json().contains(names[i])) {
      items.emplace_back(names[i], fallback(spec, space, i));
      continue;
    }
    if (entry.json().is_structured()) entry.refuse(space.axis(i).describe());
    const auto value = space.axis(i).canonical(value_from_json(entry.json()));
    if (!value) entry.refuse(space.axis(i).describe());
    items.emplace_back(names[i], *value);
  }
  const Config config = space.canonical(Config(std::move(items)));
  if (!space.satisfies(config)) reader.error("breaks a constraint; expected all to hold");
  return config;
}

}  // namespace

void read_enqueue(const Reader& study, Spec& spec) {
  if (!study.has("enqueue")) return;
  const Reader reader = study.at("enqueue");
  reader.list();
  const search::Space space = spec.space();
  spec.json["enqueue"] = Json::array();
  for (std::size_t i = 0; i < reader.json().size(); ++i) {
    spec.enqueue.push_back(read_one(reader.at(i), spec, space));
    spec.json["enqueue"].push_back(to_json(spec.enqueue.back()));
  }
}

}  // namespace vernier::experiments
