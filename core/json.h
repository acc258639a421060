// JSON with keys in their written order.
#pragma once
#include <nlohmann/json.hpp>

namespace vernier {
using Json = nlohmann::ordered_json;
}
