// Reads one JSON object key by key: types and ranges are checked, unknown keys are refused with the nearest known one.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace vernier {

/// Every method throws UsageError "[where.key] found ...; expected ...". A key that is absent gives the default (which is
/// not checked); null is refused like any other wrong type. `object` must outlive the reader.
///
///   JsonReader reader(sections["train"], "train");
///   settings.lr = reader.positive("lr", settings.lr);
///   settings.batch_size = reader.integer("batch_size", settings.batch_size, 1, 1 << 20);
///   reader.done();
class JsonReader {
 public:
  static constexpr double infinity = std::numeric_limits<double>::infinity();
  static constexpr std::int64_t int_max = std::numeric_limits<int>::max();

  /// `where`: the dotted name of the object, empty for the outermost. Throws where `object` is not an object.
  JsonReader(const Json& object, std::string where);

  /// The raw value, nullptr where absent; the key counts as known from now on.
  const Json* find(std::string_view key);
  bool has(std::string_view key) { return find(key) != nullptr; }

  /// Finite and in [low, high].
  double number(std::string_view key, double otherwise, double low = -infinity,
                double high = infinity);
  /// Finite and > 0, at most `high`.
  double positive(std::string_view key, double otherwise, double high = infinity);
  std::optional<double> optional_number(std::string_view key, double low = -infinity,
                                        double high = infinity);
  /// A whole number in [low, high]; 3.0 counts.
  std::int64_t integer(std::string_view key, std::int64_t otherwise, std::int64_t low = 0,
                       std::int64_t high = int_max);
  std::optional<std::int64_t> optional_integer(std::string_view key, std::int64_t low = 0,
                                               std::int64_t high = int_max);
  /// A list of whole numbers, each in [low, high]; empty where absent.
  std::vector<std::int64_t> integers(std::string_view key, std::int64_t low = 0,
                                     std::int64_t high = int_max);
  std::string text(std::string_view key, std::string otherwise);
  /// A list of texts; empty where absent.
  std::vector<std::string> texts(std::string_view key);
  bool boolean(std::string_view key, bool otherwise);
  /// A text that is one of `names`.
  std::string choice(std::string_view key, std::string otherwise,
                     std::span<const std::string> names);
  std::string choice(std::string_view key, std::string otherwise,
                     std::initializer_list<std::string_view> names);
  /// The object under `key`; an empty one where absent. It has its own done().
  JsonReader section(std::string_view key);

  /// Throws for the first key that nobody asked for.
  void done() const;

  /// "where.key"
  std::string path(std::string_view key) const;
  /// Throws UsageError "[where.key] text".
  [[noreturn]] void refuse(std::string_view key, std::string_view text) const;

 private:
  [[noreturn]] void refuse_type(std::string_view key, const Json& found,
                                std::string_view expected) const;
  double number_of(std::string_view key, const Json& json, double low, double high) const;
  std::int64_t integer_of(std::string_view key, const Json& json, std::int64_t low,
                          std::int64_t high) const;

  const Json* object_;
  std::string where_;
  std::vector<std::string> known_;
};

/// A value as a message shows it: short, without control characters.
std::string shown(const Json& json);

}  // namespace vernier
