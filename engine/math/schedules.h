// Learning-rate schedules: a pure function of the update (plateau: and of its state). They span the
// whole training, whatever part of it is run. With warm-up of W updates the rate rises linearly, lr
// (u + 1) / W, and the schedule then runs over the remaining updates; one_cycle has its own rise,
// whose share W / total replaces 0.3. u counts from 0, U updates in all; as
// torch.optim.lr_scheduler:
//
//   constant     lr
//   step         lr gamma^floor(epoch / every)
//   exponential  lr gamma^epoch, epoch = u / updates per epoch (equal to ExponentialLR where an epoch begins)
//   cosine       lr (f + (1 - f) (1 + cos(pi u / U)) / 2), f = final_share (Loshchilov and Hutter 2017, eq. 5)
//   linear       lr (1 + (f - 1) u / U)
//   one_cycle    from lr / 25 up to lr over 30 %, down to lr / 250,000, both along a cosine (Smith and Topin 2019; OneCycleLR)
//   plateau      lr times gamma for every `patience` + 1 measured steps in a row without improvement by more than 1e-4 of the best
#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/rng.h"

namespace vernier::engine {

enum class Schedule : std::uint8_t {
  constant,
  step,
  exponential,
  cosine,
  linear,
  one_cycle,
  plateau
};

struct ScheduleInfo {
  Schedule id;
  std::string_view name;
  double gamma;  // default
};

/// In the order of the enumeration.
inline constexpr std::array<ScheduleInfo, 7> schedule_table{{
    {Schedule::constant, "constant", 0.1},
    {Schedule::step, "step", 0.1},
    {Schedule::exponential, "exponential", 0.95},
    {Schedule::cosine, "cosine", 0.1},
    {Schedule::linear, "linear", 0.1},
    {Schedule::one_cycle, "one_cycle", 0.1},
    {Schedule::plateau, "plateau", 0.1},
}};

constexpr std::optional<Schedule> schedule_from_name(std::string_view name) {
  for (const ScheduleInfo& info : schedule_table) {
    if (info.name == name) return info.id;
  }
  return std::nullopt;
}

struct ScheduleRule {
  Schedule type = Schedule::constant;
  double lr = 0.001;
  double warmup_updates = 0;  // may be fractional
  double updates_per_epoch = 1;
  double gamma = 0.1;
  double every = 10;  // epochs
  double final_share = 0;
  int patience = 5;  // measured steps
};

/// What plateau remembers. Part of every checkpoint.
struct PlateauState {
  double best = 0;
  double factor = 1;
  std::int32_t bad_steps = 0;
  std::int32_t seen = 0;
};

/// One measured step's metric (ReduceLROnPlateau with threshold 1e-4 relative, no cooldown). A NaN
/// counts as no improvement.
VERNIER_HD inline void observe(const ScheduleRule& rule, bool maximize, double value,
                               PlateauState& state) {
  const double margin = 1e-4 * std::fabs(state.best);
  const bool better = state.seen == 0 ? !std::isnan(value)
                      : maximize      ? value > state.best + margin
                                      : value < state.best - margin;
  if (better) {
    state.best = value;
    state.bad_steps = 0;
    state.seen = 1;
  } else if (++state.bad_steps > rule.patience) {
    state.factor *= rule.gamma;
    state.bad_steps = 0;
  }
}

namespace detail {
VERNIER_HD inline double cosine_between(double from, double to, double share) {
  return to + (from - to) / 2 * (1 + std::cos(3.14159265358979323846 * share));
}
/// OneCycleLR's two phases; the peak is at update rise * total - 1.
VERNIER_HD inline double one_cycle(double lr, double u, double total, double rise) {
  const double start = lr / 25;
  const double peak = rise * total - 1;
  const double last = total - 1;
  if (u <= peak) return peak > 0 ? cosine_between(start, lr, u / peak) : lr;
  return last > peak ? cosine_between(lr, start / 1e4, (u - peak) / (last - peak)) : lr;
}
}  // namespace detail

/// The rate of update u, 0 <= u < total. `plateau` is read by that schedule only.
VERNIER_HD inline double learning_rate(const ScheduleRule& rule, std::int64_t update,
                                       std::int64_t updates_total, const PlateauState& plateau) {
  double u = static_cast<double>(update);
  double total = static_cast<double>(updates_total);
  const double lr = rule.lr;
  if (rule.type == Schedule::one_cycle) {
    const double rise = rule.warmup_updates > 0 ? rule.warmup_updates / total : 0.3;
    return detail::one_cycle(lr, u, total, rise < 1 ? rise : 1);
  }
  if (u < rule.warmup_updates)
    return lr * (u + 1 < rule.warmup_updates ? (u + 1) / rule.warmup_updates : 1);
  u -= rule.warmup_updates;
  total -= rule.warmup_updates;
  const double share = total > 0 ? u / total : 0;
  switch (rule.type) {
    case Schedule::step:
      return lr * std::pow(rule.gamma, std::floor(u / (rule.every * rule.updates_per_epoch)));
    case Schedule::exponential:
      return lr * std::pow(rule.gamma, u / rule.updates_per_epoch);
    case Schedule::cosine:
      return detail::cosine_between(lr, lr * rule.final_share, share);
    case Schedule::linear:
      return lr * (1 + (rule.final_share - 1) * share);
    case Schedule::plateau:
      return lr * plateau.factor;
    default:
      return lr;
  }
}

}  // namespace vernier::engine
