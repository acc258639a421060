#include "reports/analysis/claim_pairs.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/stats.h"

namespace vernier::reports {

namespace {

using Rows = std::vector<const ClaimRow*>;

/// Of one arm in one pair and one study.
std::optional<double> value_of_each(const Rows& rows) {
  std::vector<double> values;
  for (const ClaimRow* row : rows)
    if (row->value) values.push_back(*row->value);
  return values.empty() ? std::nullopt : std::optional(mean(values));
}

const ClaimRow& best_of(const Rows& rows) {
  return **std::min_element(rows.begin(), rows.end(),
                            [](const ClaimRow* a, const ClaimRow* b) { return a->cost < b->cost; });
}

void add_trials(const Rows& rows, ClaimValue& into) {
  for (const ClaimRow* row : rows)
    if (!row->repeat) into.trials.push_back(row->trial);
}

/// One arm in one pair and one study; nullopt where it has no value.
std::optional<ClaimValue> reduced(const std::vector<StudyData>& studies, const ClaimSpec& claim,
                                  const Rows& rows) {
  ClaimValue result;
  if (claim.others == Others::best) {
    const ClaimRow& best = best_of(rows);
    if (!std::isfinite(best.cost) || !best.value) return std::nullopt;
    result.value = *best.value;
    result.trials = {best.trial};
    result.settings = other_settings(studies[best.trial.study].trials[best.trial.row], claim);
    return result;
  }
  const bool all = std::all_of(rows.begin(), rows.end(), [](auto* row) { return row->value; });
  const auto value = value_of_each(rows);
  if (!value || (claim.others == Others::mean && !all)) return std::nullopt;
  result.value = *value;
  add_trials(rows, result);
  return result;
}

/// One arm in one pair: the mean over its studies, which must all have a value.
std::optional<ClaimValue> over_studies(const std::vector<StudyData>& studies,
                                       const ClaimSpec& claim, const Rows& rows) {
  std::map<std::size_t, Rows> by_study;
  for (const ClaimRow* row : rows) by_study[row->trial.study].push_back(row);
  ClaimValue result;
  std::vector<double> values;
  for (const auto& [study, of_study] : by_study) {
    const auto value = reduced(studies, claim, of_study);
    if (!value) return std::nullopt;
    values.push_back(value->value);
    result.trials.insert(result.trials.end(), value->trials.begin(), value->trials.end());
    if (by_study.size() == 1) result.settings = value->settings;
  }
  result.value = mean(values);
  return result;
}

/// Missing values, then numbers, then texts, each in its own order.
bool less(const Value& a, const Value& b) {
  const auto kind = [](const Value& v) {
    return std::holds_alternative<std::monostate>(v) ? 0 : is_number(v) ? 1 : 2;
  };
  if (kind(a) != kind(b)) return kind(a) < kind(b);
  if (kind(a) == 1) return as_number(a) < as_number(b);
  return kind(a) == 2 && std::get<std::string>(a) < std::get<std::string>(b);
}

bool before(const std::vector<Value>& a, const std::vector<Value>& b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), less);
}

struct Cell {
  const ClaimRow* first = nullptr;
  Rows better, than;
};

/// The cells in the order of what pairs them.
std::vector<Cell> cells_of(const std::vector<ClaimRow>& rows) {
  std::map<std::string, Cell> by_key;
  for (const ClaimRow& row : rows) {
    Cell& cell = by_key[row.key];
    if (!cell.first) cell.first = &row;
    (row.better ? cell.better : cell.than).push_back(&row);
  }
  std::vector<Cell> cells;
  for (auto& [key, cell] : by_key) cells.push_back(std::move(cell));
  std::stable_sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
    return before(a.first->pair, b.first->pair);
  });
  return cells;
}

Paired judged_differences(const Claim& claim) {
  std::vector<double> differences, beyond;
  for (const ClaimPair& pair : claim.pairs) {
    differences.push_back(pair.difference);
    beyond.push_back(pair.difference - claim.margin);
  }
  Paired result = paired(differences);
  result.p = claim.within ? std::nullopt : sign_flip_p(beyond);
  return result;
}

}  // namespace

void pair_rows(const std::vector<StudyData>& studies, const std::vector<ClaimRow>& rows,
               Claim& claim) {
  std::set<std::string> seeds;
  for (const Cell& cell : cells_of(rows)) {
    if (cell.better.empty() || cell.than.empty()) {
      ++claim.unpaired;
      continue;
    }
    auto better = over_studies(studies, claim, cell.better);
    auto than = over_studies(studies, claim, cell.than);
    if (!better && !than) ++claim.lost_both;
    if (!better && than) ++claim.better_arm.lost;
    if (better && !than) ++claim.than_arm.lost;
    if (!better || !than) continue;
    const double gain = better->value - than->value;
    claim.pairs.push_back(
        {cell.first->label, std::move(*better), std::move(*than), claim.maximize ? gain : -gain});
    seeds.insert(claim.pair.empty() ? cell.first->key : vernier::to_text(cell.first->pair.front()));
  }
  claim.seeds = static_cast<int>(seeds.size());
  claim.paired = judged_differences(claim);
}

}  // namespace vernier::reports
