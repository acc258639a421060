#include "reports/claim_plots/seed_mean.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/stats.h"
#include "core/text.h"
#include "reports/analysis/certainty.h"
#include "reports/analysis/ranges.h"
#include "reports/analysis/ranking.h"

namespace vernier::reports {

namespace {

const store::TrialRecord& record_of(const std::vector<StudyData>& studies,
                                    const ClaimTrial& trial) {
  return studies[trial.study].trials[trial.row];
}

/// What pairs the arms, as text: equal for trials of one seed.
std::string seed_of(const Claim& claim, const std::vector<StudyData>& studies,
                    const ClaimTrial& trial) {
  if (claim.pair.empty()) return fmt::format("{} {}", trial.study, trial.row);
  const auto& record = record_of(studies, trial);
  const bool of_study = claim.pair == "seed" && !record.config.find(claim.pair);
  return setting_text(studies, trial, of_study ? "study.seed" : claim.pair);
}

/// The conditions that `and` joins.
void conditions(const expr::Node& node, std::vector<const expr::Node*>& into) {
  if (node.op != expr::Op::and_) {
    into.push_back(&node);
    return;
  }
  for (const expr::Node& arg : node.args) conditions(arg, into);
}

/// A name may be shortened to its last dotted parts.
bool names(const std::string& name, const std::string& full) {
  return name == full || full.ends_with("." + name);
}

std::string where_without(const std::string& where, const std::vector<std::string>& drawn) {
  if (where.empty()) return where;
  const expr::Node all = expr::parse(where);
  std::vector<const expr::Node*> parts;
  conditions(all, parts);
  std::vector<std::string> kept;
  for (const expr::Node* part : parts) {
    const auto used = expr::names(*part);
    const bool is_drawn = std::any_of(used.begin(), used.end(), [&](const std::string& name) {
      return std::any_of(drawn.begin(), drawn.end(),
                         [&](const std::string& full) { return names(name, full); });
    });
    if (!is_drawn) kept.push_back(fmt::format("({})", expr::to_text(*part)));
  }
  return join(kept, " and ");
}

/// Where the parameter says it: its scale, and the order of its choices.
const ParamRange* range_of(const std::vector<ParamRange>& ranges, const std::string& name) {
  for (const ParamRange& range : ranges)
    if (range.name == name) return &range;
  return nullptr;
}

void add_cells(SettingAxis& axis, const std::vector<double>& numbers, double low, double high,
               int most) {
  const auto to = [&](double x) { return axis.log ? std::log(x) : x; };
  const double width = (to(high) - to(low)) / most;
  for (int i = 0; i < most; ++i) {
    const double middle = to(low) + width * (i + 0.5);
    axis.at.push_back(axis.log ? std::exp(middle) : middle);
    axis.labels.push_back(format_number(axis.at.back(), 3));
  }
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (std::isnan(numbers[i])) continue;
    const double cell = std::floor((to(numbers[i]) - to(low)) / width);
    axis.cell[i] = std::clamp(static_cast<int>(cell), 0, most - 1);
  }
}

}  // namespace

std::optional<SeedMean> seed_mean(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  SeedMean result{mean(values), std::nullopt, static_cast<int>(values.size())};
  if (const auto interval = mean_interval(values)) result.half_width = interval->half_width;
  return result;
}

std::optional<SeedMean> over_seeds(const Claim& claim, const std::vector<StudyData>& studies,
                                   const std::vector<ClaimTrial>& trials, const ValueOf& value) {
  struct Seed {
    double cost = INFINITY;  // of the best trial so far
    std::vector<double> values;
  };
  std::map<std::string, Seed> seeds;
  for (const ClaimTrial& trial : trials) {
    const auto& record = record_of(studies, trial);
    const auto x = value(trial);
    if (!x || !std::isfinite(*x)) continue;
    Seed& seed = seeds[seed_of(claim, studies, trial)];
    if (claim.others != Others::best) {
      seed.values.push_back(*x);
      continue;
    }
    if (!is_ranked(record)) continue;
    const double cost = studies[trial.study].minimised(*record.value);
    if (!(cost < seed.cost)) continue;
    seed = {cost, {*x}};
  }
  std::vector<double> values;
  for (const auto& [name, seed] : seeds)
    if (!seed.values.empty()) values.push_back(mean(seed.values));
  return seed_mean(values);
}

std::vector<const StudyData*> studies_of(const Claim& claim,
                                         const std::vector<StudyData>& studies) {
  std::vector<const StudyData*> list;
  for (const std::size_t s : claim.studies) list.push_back(&studies[s]);
  return list;
}

std::vector<ClaimTrial> drawn_trials(const Claim& claim, const std::vector<StudyData>& studies,
                                     const std::vector<std::string>& drawn) {
  const ClaimFilter filter(studies_of(claim, studies), where_without(claim.where, drawn));
  std::vector<ClaimTrial> result;
  for (const std::size_t s : claim.studies) {
    const StudyData& data = studies[s];
    for (std::size_t row = 0; row < data.trials.size(); ++row) {
      const auto& trial = data.trials[row];
      if (store::is_finished(trial.state) && trial.state != store::State::infeasible &&
          filter.holds(data, trial))
        result.push_back({s, row});
    }
  }
  return result;
}

std::string setting_text(const std::vector<StudyData>& studies, const ClaimTrial& trial,
                         const std::string& name) {
  const Value value = setting_of(studies[trial.study], record_of(studies, trial), name);
  return std::holds_alternative<std::monostate>(value) ? "" : vernier::to_text(value);
}

SettingAxis setting_axis(const std::vector<StudyData>& studies,
                         const std::vector<ClaimTrial>& trials, const std::string& name, int most) {
  SettingAxis axis{name, true, false, {}, {}, std::vector<int>(trials.size(), -1)};
  std::vector<Value> values;
  std::vector<double> numbers;
  for (const ClaimTrial& trial : trials) {
    values.push_back(setting_of(studies[trial.study], record_of(studies, trial), name));
    const Value& value = values.back();
    const bool missing = std::holds_alternative<std::monostate>(value);
    numbers.push_back(as_number(value));
    if (!missing && (!is_number(value) || std::holds_alternative<bool>(value)))
      axis.numeric = false;
  }
  const auto ranges =
      trials.empty() ? std::vector<ParamRange>() : param_ranges(studies[trials.front().study]);
  const ParamRange* range = range_of(ranges, name);
  if (!axis.numeric) {
    const auto place = [&](const std::string& label) {
      const auto found = std::find(axis.labels.begin(), axis.labels.end(), label);
      if (found != axis.labels.end()) return static_cast<int>(found - axis.labels.begin());
      axis.at.push_back(static_cast<double>(axis.labels.size()));
      axis.labels.push_back(label);
      return static_cast<int>(axis.labels.size()) - 1;
    };
    const auto used = [&](const Value& choice) {
      return std::find(values.begin(), values.end(), choice) != values.end();
    };
    if (range)
      for (const Value& choice : range->choices)
        if (used(choice)) place(vernier::to_text(choice));
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!std::holds_alternative<std::monostate>(values[i]))
        axis.cell[i] = place(vernier::to_text(values[i]));
    return axis;
  }
  std::vector<double> different;
  for (const double x : numbers)
    if (std::isfinite(x)) different.push_back(x);
  std::sort(different.begin(), different.end());
  different.erase(std::unique(different.begin(), different.end()), different.end());
  if (different.empty()) return axis;
  const double low = different.front(), high = different.back();
  axis.log = low > 0 && high > low && ((range && range->log) || high > 30 * low);
  if (static_cast<int>(different.size()) > most) {
    add_cells(axis, numbers, low, high, most);
    return axis;
  }
  axis.at = different;
  axis.labels.resize(different.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto found = std::lower_bound(different.begin(), different.end(), numbers[i]);
    if (!std::isfinite(numbers[i])) continue;
    axis.cell[i] = static_cast<int>(found - different.begin());
    axis.labels[static_cast<std::size_t>(axis.cell[i])] = vernier::to_text(values[i]);
  }
  return axis;
}

std::string side_of(const Claim& claim, const std::string& value) {
  return value == claim.better ? "better" : value == claim.than ? "than" : "";
}

double drawn_number(double value) {
  return std::isfinite(value) ? parse_double(fmt::format("{:.5g}", value)).value_or(value) : value;
}

}  // namespace vernier::reports
