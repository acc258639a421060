// Which keys have an effect: a model, an optimizer and a schedule each take some, and a key that none of those in question takes is a
// mistake that would otherwise pass in silence.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "core/json.h"
#include "engine/settings.h"

namespace vernier::engine {

/// Every value that "model.type", "train.optimizer" or "train.schedule.type" can take.
using Alternatives = std::function<std::vector<std::string>(const std::string& key)>;

/// `given`: dotted keys, written or searched. Throws UsageError "[model.width] has no effect on lenet5; it takes ..." for one that no
/// alternative takes.
void check_effects(const std::vector<std::string>& given, const Alternatives& alternatives);

/// Those of `settings` alone.
Alternatives chosen(const TrialSettings& settings);

/// The dotted keys of sections, lists as one: "model.type", "train.schedule.gamma".
std::vector<std::string> keys_given(const Json& sections);

}  // namespace vernier::engine
