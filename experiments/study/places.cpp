#include "experiments/study/places.h"

#include "core/error.h"

namespace vernier::experiments {
namespace {

std::string between(std::string_view text, std::string_view open, char close) {
  const auto begin = text.find(open);
  if (begin == std::string_view::npos) return {};
  const auto end = text.find(close, begin + open.size());
  if (end == std::string_view::npos) return {};
  return std::string(text.substr(begin + open.size(), end - begin - open.size()));
}

}  // namespace

void Places::replace(const std::string& path, const Place& place) {
  const std::string below = path + ".";
  auto at = places_.lower_bound(below);
  while (at != places_.end() && at->first.starts_with(below)) at = places_.erase(at);
  places_[path] = place;
}

std::string Places::find(std::string path, bool key) const {
  for (;;) {
    const auto found = places_.find(path);
    if (found != places_.end()) {
      const Place& place = found->second;
      const std::string& text = (key && !place.key.empty()) ? place.key : place.value;
      return text.empty() ? text : text + ": ";
    }
    const auto dot = path.rfind('.');
    if (dot == std::string::npos) return {};
    path.resize(dot);
  }
}

void with_place(const Places& places, const std::string& otherwise,
                const std::function<void()>& body) {
  try {
    body();
  } catch (const UsageError& error) {
    const std::string text = error.what();
    std::string path = text.starts_with('[') ? between(text, "[", ']') : std::string();
    const bool unknown = text.find("] unknown key") != std::string::npos;
    if (const std::string name = between(text, "parameter '", '\''); !name.empty())
      path = "parameters." + name;
    std::string place = unknown ? places.key(path) : places.value(path);
    if (place.empty()) place = places.value(otherwise);
    throw UsageError(place + text);
  }
}

}  // namespace vernier::experiments
