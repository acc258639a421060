#include "reports/analysis/claim_trials.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/stats.h"
#include "core/text.h"
#include "reports/analysis/claim_metric.h"
#include "reports/analysis/ranking.h"

namespace vernier::reports {

namespace {

using Record = store::TrialRecord;

std::string text_of(const Value& value) {
  return std::holds_alternative<std::monostate>(value) ? "" : vernier::to_text(value);
}

/// "seed" is the study's, unless a parameter is called so.
Value paired_by(const StudyData& data, const Record& trial, const std::string& pair) {
  const bool of_study = pair == "seed" && !trial.config.find(pair);
  return setting_of(data, trial, of_study ? "study.seed" : pair);
}

/// The reference of every trial, by its configuration without the parameters of relative_to.
class References {
 public:
  References(const StudyData& data, const ClaimSpec& claim, const ClaimMetric& metric)
      : claim_(claim) {
    for (std::size_t row = 0; row < data.trials.size(); ++row) {
      const Record& trial = data.trials[row];
      if (!store::is_finished(trial.state) || trial.state == store::State::infeasible) continue;
      if (!is_reference(data, trial)) continue;
      auto& values = values_[key(trial)];
      if (const auto value = metric.of(data, row)) values.push_back(*value);
    }
  }

  bool is_reference(const StudyData& data, const Record& trial) const {
    return std::all_of(claim_.relative_to.begin(), claim_.relative_to.end(), [&](const auto& item) {
      return text_of(setting_of(data, trial, item.first)) == item.second;
    });
  }

  /// nullptr: there is none; empty: none that has a value.
  const std::vector<double>* of(const Record& trial) const {
    const auto found = values_.find(key(trial));
    return found == values_.end() ? nullptr : &found->second;
  }

 private:
  std::string key(const Record& trial) const {
    Config rest;
    for (const auto& [name, value] : trial.config)
      if (std::none_of(claim_.relative_to.begin(), claim_.relative_to.end(),
                       [&](const auto& item) { return item.first == name; }))
        rest.set(name, value);
    return rest.key();
  }

  const ClaimSpec& claim_;
  std::map<std::string, std::vector<double>> values_;
};

class Collector {
 public:
  Collector(const std::vector<StudyData>& studies, Claim& claim)
      : studies_(studies), claim_(claim), filter_(chosen(), claim.where) {
    if (!claim.over_studies || claim.arms == "study") return;
    std::map<std::string, std::size_t> first;
    for (const std::size_t s : claim.studies)
      problem_of_[s] = first.try_emplace(what_is_trained(studies[s]), s).first->second;
    several_problems_ = first.size() > 1;
  }

  std::vector<ClaimRow> rows() {
    for (const std::size_t s : claim_.studies) {
      const StudyData& data = studies_[s];
      for (std::size_t row = 0; row < data.trials.size(); ++row) take(s, row);
      if (claim_.others != Others::each || !claim_.relative_to.empty()) continue;
      for (std::size_t row = 0; row < data.repeats.size(); ++row) take_repeat(s, row);
    }
    return std::move(rows_);
  }

  std::vector<const StudyData*> chosen() const {
    std::vector<const StudyData*> list;
    for (const std::size_t s : claim_.studies) list.push_back(&studies_[s]);
    return list;
  }

 private:
  /// Whether it is of an arm, and of which.
  std::optional<bool> arm_of(const StudyData& data, const Record& trial) const {
    const std::string value = text_of(setting_of(data, trial, claim_.arms));
    if (value == claim_.better) return true;
    if (value == claim_.than) return false;
    return std::nullopt;
  }

  void take(std::size_t s, std::size_t row) {
    const StudyData& data = studies_[s];
    const Record& trial = data.trials[row];
    if (trial.state == store::State::infeasible || !filter_.holds(data, trial)) return;
    const auto arm = arm_of(data, trial);
    if (!store::is_finished(trial.state)) {
      if (arm) ++claim_.unfinished;
      return;
    }
    claim_.trials.push_back({s, row});
    if (arm) add(s, row, trial, *arm);
  }

  void take_repeat(std::size_t s, std::size_t row) {
    const StudyData& data = studies_[s];
    const Record& repeat = data.repeats[row];
    if (!is_ranked(repeat) || !filter_.holds(data, repeat)) return;
    const auto arm = arm_of(data, repeat);
    if (!arm || !add(s, row, repeat, *arm)) return;
    ClaimRow& made = rows_.back();
    made.repeat = true;
    made.key += fmt::format(" seed {}", repeat.seed);
    made.label += fmt::format("{}seed {}", made.label.empty() ? "" : ", ", repeat.seed);
    made.pair.emplace_back(static_cast<std::int64_t>(repeat.seed));
  }

  /// False where it has nothing that pairs it.
  bool add(std::size_t s, std::size_t row, const Record& trial, bool better) {
    const StudyData& data = studies_[s];
    ClaimRow made{{s, row}, false, better, {}, "", "", std::nullopt, 0};
    std::vector<std::string> label;
    if (!claim_.pair.empty()) {
      Value value = paired_by(data, trial, claim_.pair);
      if (std::holds_alternative<std::monostate>(value)) return false;
      Config named;
      named.set(claim_.pair, value);
      made.key = named.key();
      label.push_back(fmt::format("{} {}", claim_.pair, text_of(value)));
      made.pair.push_back(std::move(value));
    }
    if (claim_.others == Others::each) {
      Config rest;
      for (const auto& [name, value] : trial.config) {
        if (name == claim_.arms || name == claim_.pair) continue;
        rest.set(name, value);
        label.push_back(fmt::format("{} {}", name, text_of(value)));
        made.pair.push_back(value);
      }
      made.key += rest.key();
    }
    if (several_problems_) {
      const std::size_t problem = problem_of_.at(s);
      made.key += fmt::format(" problem {}", problem);
      made.pair.emplace_back(static_cast<std::int64_t>(problem));
      label.push_back("as in " + studies_[problem].study.name);
    }
    made.label = join(label, ", ");
    made.cost =
        is_ranked(trial) ? data.minimised(*trial.value) : std::numeric_limits<double>::infinity();
    rows_.push_back(std::move(made));
    return true;
  }

  const std::vector<StudyData>& studies_;
  Claim& claim_;
  ClaimFilter filter_;
  std::map<std::size_t, std::size_t> problem_of_;  // study -> the first that trains the same
  bool several_problems_ = false;
  std::vector<ClaimRow> rows_;
};

/// The number that each row is worth; rows that have nothing to be relative to, and the references themselves, go.
void add_values(const std::vector<StudyData>& studies, const ClaimSpec& claim,
                const ClaimMetric& metric, std::vector<ClaimRow>& rows) {
  std::map<std::size_t, References> references;
  std::erase_if(rows, [&](ClaimRow& row) {
    const StudyData& data = studies[row.trial.study];
    if (row.repeat) {
      row.value = metric.of_repeat(data, data.repeats[row.trial.row]);
      return !row.value.has_value();
    }
    const Record& trial = data.trials[row.trial.row];
    row.value = metric.of(data, row.trial.row);
    if (claim.relative_to.empty()) return false;
    const auto& reference =
        references.try_emplace(row.trial.study, data, claim, metric).first->second;
    const auto* values = reference.of(trial);
    if (!values || reference.is_reference(data, trial)) return true;
    if (values->empty()) row.value.reset();
    if (row.value) *row.value -= mean(*values);
    return false;
  });
}

}  // namespace

std::string what_is_trained(const StudyData& data) {
  Json part = Json::object();
  if (data.study.spec.is_object())
    for (const char* key : {"data", "model", "train", "augment", "objective"}) {
      if (!data.study.spec.contains(key)) continue;
      part[key] = data.study.spec[key];
      if (part[key].is_object()) part[key].erase("dir");
    }
  return nlohmann::json(part).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string other_settings(const Record& trial, const ClaimSpec& claim) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : trial.config)
    if (name != claim.arms && name != claim.pair)
      parts.push_back(fmt::format("{} {}", name, text_of(value)));
  return join(parts, ", ");
}

std::vector<ClaimRow> claim_rows(const std::vector<StudyData>& studies, Claim& claim) {
  Collector collector(studies, claim);
  std::vector<ClaimRow> rows = collector.rows();
  const auto of = [&](bool better) {
    return [better](const ClaimRow& row) { return row.better == better; };
  };
  if (std::any_of(rows.begin(), rows.end(), of(true)) &&
      std::any_of(rows.begin(), rows.end(), of(false)))
    add_values(studies, claim, ClaimMetric(collector.chosen(), claim.metric), rows);
  double best[2] = {std::numeric_limits<double>::infinity(),
                    std::numeric_limits<double>::infinity()};
  for (const ClaimRow& row : rows) {
    if (row.repeat) continue;
    ClaimArm& arm = row.better ? claim.better_arm : claim.than_arm;
    arm.trials.push_back(row.trial);
    if (!(row.cost < best[row.better])) continue;
    best[row.better] = row.cost;
    arm.best = row.trial;
  }
  return rows;
}

}  // namespace vernier::reports
