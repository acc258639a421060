#include "search/axis.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/stats.h"
#include "core/text.h"

namespace vernier::search {
namespace {

bool same(const Value& a, const Value& b) {
  const auto number = [](const Value& v) {
    return is_number(v) && !std::holds_alternative<bool>(v);
  };
  return number(a) && number(b) ? as_number(a) == as_number(b) : a == b;
}

/// 0.1 + 2 * 0.1 is 0.3 for people.
double rounded(double value) {
  const double nice = *parse_double(fmt::format("{:.15g}", value));
  return std::isfinite(nice) ? nice : value;
}

}  // namespace

Axis::Axis(const Parameter& p) : kind_(p.kind), scale_(p.scale) {
  if (kind_ == Kind::bool_) {
    choices_ = {Value(false), Value(true)};
  } else if (kind_ == Kind::categorical || kind_ == Kind::ordinal || kind_ == Kind::constant) {
    check_choices(p);
    choices_ = p.choices;
  }
  if (!choices_.empty()) {
    count_ = static_cast<double>(choices_.size());
    double total = 0;
    for (std::size_t i = 0; i < choices_.size(); ++i)
      cumulative_.push_back(total +=
                            p.weights.empty() || kind_ != Kind::categorical ? 1.0 : p.weights[i]);
    for (double& end : cumulative_) end /= total;
    set_prior(p);
    return;
  }
  check_range(p);
  low_ = p.low;
  high_ = p.high;
  continuous_ = kind_ == Kind::float_ && !p.step && high_ > low_;
  step_ = p.step.value_or(1);
  if (continuous_) {
    count_ = std::numeric_limits<double>::infinity();
    first_ = forward(low_);
    last_ = forward(high_);
    set_prior(p);
    return;
  }
  if (kind_ == Kind::float_ && high_ == low_) step_ = 1;
  count_ = std::floor((high_ - low_) / step_ + 1e-9) + 1;
  const double top = low_ + (count_ - 1) * step_;
  double below = low_ - step_ / 2, above = top + step_ / 2;
  if (scale_ == Scale::log || scale_ == Scale::logit) below = std::max(below, low_ / 2);
  if (scale_ == Scale::reverse_log || scale_ == Scale::logit)
    above = std::min(above, 1 - (1 - top) / 2);
  first_ = forward(below);
  last_ = forward(above);
  set_prior(p);
}

void Axis::set_prior(const Parameter& p) {
  if (!p.prior) return;
  const auto at = unit(p.prior->centre);
  if (!at)
    fail<UsageError>("[space] parameter '{}': the prior's centre {} is outside; expected {}",
                     p.name, to_text(p.prior->centre), describe());
  constexpr double deviations[] = {0.25, 0.12, 0.05}, peaks[] = {0.25, 0.5, 0.75};
  const auto sure = static_cast<std::size_t>(p.prior->confidence);
  centre_ = *at;
  if (kind_ == Kind::categorical || kind_ == Kind::bool_)
    peak_ = peaks[sure];
  else if (kind_ != Kind::constant)
    deviation_ = deviations[sure];
}

namespace {
constexpr double uniform_share = 0.25;
}

double Axis::prior_density(double u) const {
  if (peak_ > 0) {
    const auto own = *index(value(*index(at(centre_))));
    const auto [low, high] = cell(own);
    const bool there = u >= low && u <= high;
    return (1 - peak_) + (there ? peak_ / (high - low) : 0);
  }
  if (deviation_ == 0) return 1;
  const double mass = normal_cdf((1 - centre_) / deviation_) - normal_cdf(-centre_ / deviation_);
  return uniform_share +
         (1 - uniform_share) * normal_pdf((u - centre_) / deviation_) / (deviation_ * mass);
}

double Axis::from_uniform(double u) const {
  if (peak_ > 0) {
    const auto [low, high] = cell(*index(at(centre_)));
    const double before = (1 - peak_) * low, inside = (1 - peak_) * (high - low) + peak_;
    if (u < before) return u / (1 - peak_);
    if (u < before + inside) return low + (high - low) * (u - before) / inside;
    return std::min(high + (u - before - inside) / (1 - peak_), 1.0);
  }
  if (deviation_ == 0) return u;
  const double start = normal_cdf(-centre_ / deviation_);
  const double mass = normal_cdf((1 - centre_) / deviation_) - start;
  double low = 0, high = 1;
  for (int i = 0; i < 52; ++i) {
    const double x = (low + high) / 2;
    const double below = uniform_share * x + (1 - uniform_share) *
                                                 (normal_cdf((x - centre_) / deviation_) - start) /
                                                 mass;
    (below < u ? low : high) = x;
  }
  return (low + high) / 2;
}

double Axis::forward(double v) const {
  switch (scale_) {
    case Scale::linear:
      return v;
    case Scale::log:
      return std::log(v);
    case Scale::reverse_log:
      return -std::log1p(-v);
    case Scale::logit:
      return std::log(v) - std::log1p(-v);
  }
  return v;
}

double Axis::inverse(double x) const {
  switch (scale_) {
    case Scale::linear:
      return x;
    case Scale::log:
      return std::exp(x);
    case Scale::reverse_log:
      return -std::expm1(-x);
    case Scale::logit:
      return 1 / (1 + std::exp(-x));
  }
  return x;
}

double Axis::grid_value(std::int64_t i) const {
  const double v = low_ + static_cast<double>(i) * step_;
  return kind_ == Kind::int_ || i == 0 ? v : std::min(rounded(v), high_);
}

double Axis::boundary(std::int64_t i) const {
  if (i <= 0) return 0;
  if (static_cast<double>(i) >= count_) return 1;
  if (scale_ == Scale::linear) return static_cast<double>(i) / count_;
  return (forward(low_ + (static_cast<double>(i) - 0.5) * step_) - first_) / (last_ - first_);
}

Value Axis::at(double unit) const {
  const double u = std::isnan(unit) ? 0.5 : std::clamp(unit, 0.0, 1.0);
  if (continuous_) {
    if (u == 0 || u == 1) return u == 0 ? low_ : high_;  // exactly, whatever the scale rounds to
    return std::clamp(inverse(first_ + u * (last_ - first_)), low_, high_);
  }
  double i;
  if (!choices_.empty())
    i = static_cast<double>(std::upper_bound(cumulative_.begin(), cumulative_.end(), u) -
                            cumulative_.begin());
  else if (scale_ == Scale::linear)
    i = std::floor(u * count_);
  else
    i = std::floor((inverse(first_ + u * (last_ - first_)) - low_) / step_ + 0.5);
  return value(static_cast<std::int64_t>(std::clamp(i, 0.0, count_ - 1)));
}

Value Axis::value(std::int64_t i) const {
  if (!choices_.empty()) return choices_[static_cast<std::size_t>(i)];
  if (kind_ == Kind::int_) return static_cast<std::int64_t>(grid_value(i));
  return grid_value(i);
}

std::optional<std::int64_t> Axis::index(const Value& v) const {
  if (continuous_) return std::nullopt;
  if (!choices_.empty()) {
    for (std::size_t i = 0; i < choices_.size(); ++i)
      if (same(choices_[i], v)) return static_cast<std::int64_t>(i);
    return std::nullopt;
  }
  if (!real_number(v)) return std::nullopt;
  const double number = as_number(v);
  const double i = std::round((number - low_) / step_);
  if (!(i >= 0) || i > count_ - 1) return std::nullopt;
  const double tolerance = kind_ == Kind::int_ ? 0 : 1e-6 * step_;
  if (std::fabs(number - (low_ + i * step_)) > tolerance) return std::nullopt;
  return static_cast<std::int64_t>(i);
}

std::pair<double, double> Axis::cell(std::int64_t i) const {
  if (choices_.empty()) return {boundary(i), boundary(i + 1)};
  const auto k = static_cast<std::size_t>(i);
  return {k == 0 ? 0.0 : cumulative_[k - 1], cumulative_[k]};
}

std::optional<double> Axis::unit(const Value& v) const {
  if (continuous_) {
    const auto inside = canonical(v);
    if (!inside) return std::nullopt;
    return std::clamp((forward(as_number(*inside)) - first_) / (last_ - first_), 0.0, 1.0);
  }
  const auto i = index(v);
  if (!i) return std::nullopt;
  const auto [low, high] = cell(*i);
  return (low + high) / 2;
}

std::optional<Value> Axis::canonical(const Value& v) const {
  if (!continuous_) {
    const auto i = index(v);
    if (!i) return std::nullopt;
    return value(*i);
  }
  if (!real_number(v)) return std::nullopt;
  const double number = as_number(v);
  if (number >= low_ && number <= high_) return Value(number);
  const double position = forward(number),
               slack = 1e-9 * (last_ - first_);  // NaN outside the scale's domain
  if (position >= first_ - slack && position <= last_ + slack)
    return Value(std::clamp(number, low_, high_));
  return std::nullopt;
}

std::string Axis::describe() const {
  if (!choices_.empty()) {
    std::vector<std::string> texts;
    for (const Value& choice : choices_) {
      if (texts.size() == 12) {
        texts.push_back("...");
        break;
      }
      texts.push_back(to_text(choice));
    }
    return (texts.size() == 1 ? "" : "one of ") + join(texts, ", ");
  }
  std::string text =
      fmt::format("{} .. {} ({}", low_, high_, kind_ == Kind::int_ ? "int" : "float");
  if (!continuous_ && step_ != 1) text += fmt::format(", step {}", step_);
  if (scale_ == Scale::log) text += ", log";
  if (scale_ == Scale::reverse_log) text += ", reverse_log";
  if (scale_ == Scale::logit) text += ", logit";
  return text + ")";
}

}  // namespace vernier::search
