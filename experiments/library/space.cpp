#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "experiments/library/space_impl.h"
#include "search/axis.h"

namespace vernier {
namespace detail {
namespace {

search::Parameter named(const std::string& name, search::Kind kind) {
  if (name.empty() || name.size() > 200 || printable(name) != name)
    fail<UsageError>("[space] a parameter is named '{}'; expected 1 to 200 printable characters",
                     printable(name.substr(0, 40)));
  search::Parameter parameter;
  parameter.name = name;
  parameter.kind = kind;
  return parameter;
}

search::Parameter checked(search::Parameter parameter) {
  (void)search::Axis(parameter);
  return parameter;
}

}  // namespace

search::Parameter float_parameter(const std::string& name, double low, double high, Scale scale) {
  search::Parameter parameter = named(name, search::Kind::float_);
  parameter.low = low;
  parameter.high = high;
  if (scale == Scale::log) parameter.scale = search::Scale::log;
  return checked(std::move(parameter));
}

search::Parameter stepped_parameter(const std::string& name, double low, double high, double step) {
  search::Parameter parameter = named(name, search::Kind::float_);
  parameter.low = low;
  parameter.high = high;
  parameter.step = step;
  return checked(std::move(parameter));
}

search::Parameter int_parameter(const std::string& name, std::int64_t low, std::int64_t high,
                                Scale scale, std::int64_t step) {
  search::Parameter parameter = named(name, search::Kind::int_);
  parameter.low = static_cast<double>(low);
  parameter.high = static_cast<double>(high);
  if (scale == Scale::log) parameter.scale = search::Scale::log;
  if (step != 1) parameter.step = static_cast<double>(step);
  return checked(std::move(parameter));
}

search::Parameter categorical_parameter(const std::string& name,
                                        const std::vector<Value>& choices) {
  search::Parameter parameter = named(name, search::Kind::categorical);
  for (const Value& choice : choices) {
    const auto* number = std::get_if<double>(&choice);
    if (std::holds_alternative<std::monostate>(choice) || (number && !std::isfinite(*number)))
      fail<UsageError>(
          "[space] parameter '{}' has the choice {}; expected bools, finite numbers and texts",
          name, number ? to_text(choice) : "nothing");
  }
  parameter.choices = choices;
  return checked(std::move(parameter));
}

search::Parameter bool_parameter(const std::string& name) {
  search::Parameter parameter = named(name, search::Kind::bool_);
  parameter.choices = {false, true};
  return checked(std::move(parameter));
}

}  // namespace detail

namespace {

void add(Space::Impl& impl, search::Parameter parameter, const std::string& when) {
  std::vector<std::string> names;
  for (const search::Parameter& known : impl.parameters) names.push_back(known.name);
  if (std::find(names.begin(), names.end(), parameter.name) != names.end())
    fail<UsageError>("[space] parameter '{}' is there already", parameter.name);
  if (!when.empty()) {
    parameter.condition = expr::parse(when);
    expr::bind(*parameter.condition, names);
  }
  impl.parameters.push_back(std::move(parameter));
}

}  // namespace

Space::Space() : impl_(std::make_unique<Impl>()) {}
Space::Space(const Space& other) : impl_(std::make_unique<Impl>(*other.impl_)) {}
Space::Space(Space&&) noexcept = default;
Space& Space::operator=(Space other) noexcept {
  impl_ = std::move(other.impl_);
  return *this;
}
Space::~Space() = default;

Space& Space::add_float(const std::string& name, double low, double high, Scale scale,
                        const std::string& when) {
  add(*impl_, detail::float_parameter(name, low, high, scale), when);
  return *this;
}

Space& Space::add_stepped(const std::string& name, double low, double high, double step,
                          const std::string& when) {
  add(*impl_, detail::stepped_parameter(name, low, high, step), when);
  return *this;
}

Space& Space::add_int(const std::string& name, std::int64_t low, std::int64_t high, Scale scale,
                      std::int64_t step, const std::string& when) {
  add(*impl_, detail::int_parameter(name, low, high, scale, step), when);
  return *this;
}

Space& Space::add_categorical(const std::string& name, std::vector<Value> choices,
                              const std::string& when) {
  add(*impl_, detail::categorical_parameter(name, choices), when);
  return *this;
}

Space& Space::add_constraint(const std::string& expression) {
  (void)expr::parse(expression);
  impl_->constraints.push_back(expression);
  return *this;
}

}  // namespace vernier
