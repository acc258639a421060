// Where each key of a study stands, so that whatever refuses a value later can still point at its line.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace vernier::experiments {

/// Dotted path -> "study.yaml:3:5" (or "--set train.lr"), of the key and of its value. Lists: "constraints.0".
struct Place {
  std::string key, value;
};

class Places {
 public:
  void set(const std::string& path, Place place) { places_[path] = std::move(place); }
  /// Also for all that stood below it.
  void replace(const std::string& path, const Place& place);
  void set_value(const std::string& path, const std::string& value) { places_[path].value = value; }
  /// "study.yaml:3:5: " of the nearest enclosing path that is known; empty where none is.
  std::string value(std::string path) const { return find(std::move(path), false); }
  std::string key(std::string path) const { return find(std::move(path), true); }
  bool contains(const std::string& path) const { return places_.contains(path); }
  bool operator==(const Places&) const {
    return true;
  }  // positions are no part of what a study says

 private:
  std::string find(std::string path, bool key) const;

  std::map<std::string, Place> places_;
};

/// Runs `body`; a UsageError "[train.lr] ..." or "[space] parameter 'train.lr' ..." leaves with the place of what it names in front
/// (else that of `otherwise`).
void with_place(const Places& places, const std::string& otherwise,
                const std::function<void()>& body);

}  // namespace vernier::experiments
