// The first line of an ask/tell conversation: what is searched, and how parameters are written on the wire.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "search/space.h"

namespace vernier::search {

constexpr int most_epochs = 1000000000;

/// {"params": [...], "seed", "budget", "direction" or "directions", "sampler", "strategy", "constraints", "fidelity": {"min", "max"},
/// "total_epochs"}; only params is required, unknown keys are left to others. A parameter: {"name", "type": float | int |
/// categorical | ordinal | bool, "low", "high", "log" or "scale", "step", "choices", "prior": {"center", "confidence"}, "condition": {"param", "in": [...]}}, in any order.
/// Choices may be any JSON values.
class AskTellHeader {
 public:
  /// Throws UsageError for whatever is wrong with it.
  explicit AskTellHeader(const Json& header);

  const Space& space() const { return *space_; }
  /// {"x": 2.5, "c": "a"}, with choices as the header has them.
  Json params(const Config& config) const;
  /// The reverse, canonical; inactive parameters may be present. Throws UsageError.
  Config config(const Json& params) const;

  std::uint64_t seed = 0;
  int budget = 0;              // 0: unknown
  std::vector<bool> maximize;  // one an objective
  Json sampler, strategy;      // a name, {"type": ...}, or null
  std::optional<int> min_epochs, max_epochs;

 private:
  std::optional<Space> space_;
  std::vector<Json> choices_;  // by parameter: a list, or null
};

}  // namespace vernier::search
