#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/value.h"

namespace vernier {
namespace {

/// Numbers that are equal give the same text whatever their type, since a JSON writer may have dropped a ".0".
std::string value_key(const Value& value) {
  if (const auto* s = std::get_if<std::string>(&value)) return fmt::format("s{}:{}", s->size(), *s);
  if (const auto* d = std::get_if<double>(&value)) {
    if (std::abs(*d) < 0x1p53 && *d == std::trunc(*d)) {
      return fmt::format("n{}", static_cast<std::int64_t>(*d));
    }
    return fmt::format("n{}", *d);
  }
  if (const auto* i = std::get_if<std::int64_t>(&value)) return fmt::format("n{}", *i);
  return to_text(value);
}

}  // namespace

void Config::set(std::string name, Value value) {
  for (Item& item : items_) {
    if (item.first == name) {
      item.second = std::move(value);
      return;
    }
  }
  items_.emplace_back(std::move(name), std::move(value));
}

const Value* Config::find(std::string_view name) const {
  for (const Item& item : items_) {
    if (item.first == name) return &item.second;
  }
  return nullptr;
}

std::string Config::key() const {
  std::vector<const Item*> sorted;
  for (const Item& item : items_) sorted.push_back(&item);
  std::sort(sorted.begin(), sorted.end(),
            [](const Item* a, const Item* b) { return a->first < b->first; });
  std::string key;
  for (const Item* item : sorted) {
    key += fmt::format("{}:{}={};", item->first.size(), item->first, value_key(item->second));
  }
  return key;
}

Json to_json(const Config& config) {
  Json json = Json::object();
  for (const auto& [name, value] : config) json[name] = to_json(value);
  return json;
}

Config config_from_json(const Json& json) {
  if (!json.is_object()) {
    fail<UsageError>("[config] found {}; expected an object of names and values", json.type_name());
  }
  Config config;
  for (const auto& [name, value] : json.items()) config.set(name, value_from_json(value));
  return config;
}

}  // namespace vernier
