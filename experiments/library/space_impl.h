// What vernier::Space holds, and the values of the public headers as those of core.
#pragma once
#include <vernier/space.h>

#include <string>
#include <vector>

#include "core/value.h"
#include "search/parameter.h"

namespace vernier {

struct Space::Impl {
  std::vector<search::Parameter> parameters;
  std::vector<std::string> constraints;
};

namespace detail {

/// Each throws UsageError where the range, the scale, the step or the choices cannot be. `when`: empty: none.
search::Parameter float_parameter(const std::string& name, double low, double high, Scale scale);
search::Parameter stepped_parameter(const std::string& name, double low, double high, double step);
search::Parameter int_parameter(const std::string& name, std::int64_t low, std::int64_t high,
                                Scale scale, std::int64_t step);
search::Parameter categorical_parameter(const std::string& name, const std::vector<Value>& choices);
search::Parameter bool_parameter(const std::string& name);

inline Params params_of(const Config& config) { return {config.begin(), config.end()}; }
inline Config config_of(const Params& params) { return Config(params); }

}  // namespace detail
}  // namespace vernier
