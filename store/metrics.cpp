// The names of metrics, and the wide row that filters use.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "store/impl.h"

namespace vernier::store {
namespace {

constexpr std::uint32_t most_wide = 600;  // three columns each; SQLite's tables hold 2,000

/// For a metric that is no objective: whether more is better, by its name.
bool more_is_better(const std::string& name) {
  for (const char* part :
       {"acc", "auc", "f1", "r2", "precision", "recall", "score", "reward", "iou", "bleu"}) {
    if (name.find(part) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

void add_metric_columns(const sqlite::Connection& db, StudyId id, std::int64_t k) {
  for (const char* which : {"at_best", "last", "best"})
    db.run(fmt::format("ALTER TABLE {} ADD COLUMN m{}_{} REAL", metrics_table(id), k, which));
}

const MetricTable& Store::Impl::metrics(StudyId study) const {
  // A reader's file changes under it; only the one writer may remember.
  if (const auto found = metric_cache.find(study);
      found != metric_cache.end() && mode == Mode::write) {
    return found->second;
  }
  MetricTable table;
  auto row = db->query(
      "SELECT k, name, kind, maximize, wide FROM metric WHERE study = ? ORDER BY k", study);
  while (row.next()) {
    const auto k = static_cast<std::uint32_t>(row.integer(0));
    if (k != table.metrics.size()) db->damaged("the list of metrics has a gap");
    const bool timing = row.text(2) == "timing";
    table.metrics.push_back({row.text(1), timing, row.integer(3) != 0, row.integer(4) != 0});
    table.ids[{row.text(1), timing}] = k;
  }
  return metric_cache[study] = std::move(table);
}

std::uint32_t Store::Impl::metric_id(StudyId study, const std::string& name, bool timing) {
  const MetricTable& table = metrics(study);
  if (const auto found = table.ids.find({name, timing}); found != table.ids.end())
    return found->second;
  bool maximize = more_is_better(name);
  if (auto row = db->query("SELECT maximize FROM goal WHERE study = ? AND metric = ?", study, name);
      row.next()) {
    maximize = row.integer(0) != 0;
  }
  const auto k = static_cast<std::uint32_t>(table.metrics.size());
  const bool wide = !timing && k < most_wide;
  db->run("INSERT INTO metric VALUES (?, ?, ?, ?, ?, ?)", study, k, name,
          timing ? "timing" : "result", maximize, wide);
  if (wide) {
    add_metric_columns(*db, study, k);
  }
  MetricTable& cached = metric_cache[study];
  cached.metrics.push_back({name, timing, maximize, wide});
  cached.ids[{name, timing}] = k;
  return k;
}

std::vector<std::string> Store::metric_names(StudyId study) const {
  const ReadScope scope(*impl_->db);
  impl_->need_study(study);
  std::vector<std::string> names;
  for (const auto& metric : impl_->metrics(study).metrics) {
    if (!metric.timing) names.push_back(metric.name);
  }
  return names;
}

std::map<int, std::vector<double>> Store::objectives(StudyId study) const {
  const ReadScope scope(*impl_->db);
  impl_->need_study(study);
  std::map<int, std::vector<double>> all;
  auto row = impl_->db->query(
      "SELECT number, k, value FROM objective WHERE study = ? ORDER BY number, k", study);
  while (row.next()) {
    auto& values = all[static_cast<int>(row.integer(0))];
    const auto k = static_cast<std::size_t>(std::clamp<std::int64_t>(row.integer(1), 0, 999));
    if (values.size() <= k) values.resize(k + 1, std::numeric_limits<double>::quiet_NaN());
    if (const auto value = row.maybe_real(2)) values[k] = *value;
  }
  return all;
}

std::map<int, NamedValues> Store::facts(StudyId study) const {
  const ReadScope scope(*impl_->db);
  impl_->need_study(study);
  std::map<int, NamedValues> all;
  auto row = impl_->db->query(
      fmt::format("SELECT number, parameters, flops, bytes FROM {}", metrics_table(study)));
  while (row.next()) {
    NamedValues facts;
    int column = 0;
    for (const char* name : {"parameters", "flops", "bytes"}) {
      if (const auto value = row.maybe_real(++column)) facts.emplace_back(name, *value);
    }
    if (!facts.empty()) all[static_cast<int>(row.integer(0))] = std::move(facts);
  }
  return all;
}

std::int64_t Store::data_version() const {
  auto row = impl_->db->query("PRAGMA data_version");
  return row.next() ? row.integer(0) : 0;
}

void Store::Impl::write_metrics(StudyId study, int number, const TrialEnd& end,
                                const std::vector<MetricColumn>& curves) {
  struct Summary {
    std::optional<double> at_best, last, best;
  };
  const MetricTable& table = metrics(study);
  const auto summarise = [&](const MetricColumn& column) {
    const bool maximize = table.metrics[column.id].maximize;
    const auto& [steps, values] = column.chunk;
    Summary summary;
    if (!values.empty()) summary.last = values.back();
    if (end.best_step) {
      const auto at = std::lower_bound(steps.begin(), steps.end(), *end.best_step);
      if (at != steps.end() && *at == *end.best_step)
        summary.at_best = values[static_cast<std::size_t>(at - steps.begin())];
    }
    for (const double value : values) {
      if (std::isnan(value)) continue;
      if (!summary.best || (maximize ? value > *summary.best : value < *summary.best))
        summary.best = value;
    }
    return summary;
  };
  std::string columns = "number", marks = "?";
  std::vector<Value> values{std::int64_t{number}};
  const auto add = [&](const std::string& column, std::optional<double> value) {
    columns += ", " + column;
    marks += ", ?";
    values.push_back(value ? Value(*value) : Value());
  };
  for (const auto& [name, value] : end.facts) {
    if (name != "parameters" && name != "flops" && name != "bytes") {
      fail<StoreError>("{}: unknown fact '{}'; expected parameters, flops or bytes",
                       place(study, number), name);
    }
    add(name, value);
  }
  for (const MetricColumn& column : curves) {
    if (column.timing || !table.metrics[column.id].wide) continue;
    const Summary summary = summarise(column);
    add(fmt::format("m{}_at_best", column.id), end.best_step ? summary.at_best : summary.last);
    add(fmt::format("m{}_last", column.id), summary.last);
    add(fmt::format("m{}_best", column.id), summary.best);
  }
  auto insert = db->query_values(
      fmt::format("INSERT INTO {} ({}) VALUES ({})", metrics_table(study), columns, marks), values);
  insert.next();
}

}  // namespace vernier::store
