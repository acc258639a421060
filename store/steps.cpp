// Measurements: hot rows while a trial runs, sealed chunks after.
#include <algorithm>
#include <bit>
#include <iterator>

#include "core/clock.h"
#include "core/error.h"
#include "core/text.h"
#include "store/checksum.h"
#include "store/curve/codec.h"
#include "store/impl.h"

namespace vernier::store {
namespace {

const double* find(const NamedValues& values, const std::string& name) {
  for (const auto& item : values) {
    if (item.first == name) return &item.second;
  }
  return nullptr;
}

std::string shown(const double* value) {
  return value ? fmt::format("{:.17g}", *value) : "missing";
}

/// The first difference of two results, or nothing. Bits decide: 0 and -0 differ, equal NaNs do not.
std::optional<std::string> difference(const NamedValues& stored, const NamedValues& now) {
  const auto same = [](double a, double b) {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (a != a && b != b);
  };
  const auto differ = [&](const std::string& name) -> std::optional<std::string> {
    const double *before = find(stored, name), *after = find(now, name);
    if (before && after && same(*before, *after)) return std::nullopt;
    return fmt::format("{} was {}, now {}", printable(name), shown(before), shown(after));
  };
  for (const auto* part : {&stored, &now}) {
    for (const auto& item : *part) {
      if (auto text = differ(item.first)) return text;
    }
  }
  return std::nullopt;
}

NamedValues named(const MetricTable& table, const MetricValues& values) {
  NamedValues result;
  result.reserve(values.size());
  for (const auto& [id, value] : values) {
    if (id >= table.metrics.size()) throw StoreError("damaged row: unknown metric");
    result.emplace_back(table.metrics[id].name, value);
  }
  return result;
}

}  // namespace

void Store::add_step(StudyId study, int number, const StepRow& row,
                     std::optional<double> value_so_far) {
  Impl& impl = *impl_;
  impl.write([&] {
    sqlite::Connection& db = *impl.db;
    auto found =
        db.query("SELECT state, steps FROM trial WHERE study = ? AND number = ?", study, number);
    if (!found.next()) impl.need_trial(study, number);
    const State state = state_from_text(found.text(0));
    const int steps = static_cast<int>(found.integer(1));
    if (row.step < 0)
      fail<StoreError>("{}: step {} is negative", impl.place(study, number), row.step);
    if (row.step <= steps) {
      const auto stored =
          is_finished(state) ? impl.sealed_rows(study, number) : impl.hot_rows(study, number);
      const auto at =
          std::lower_bound(stored.begin(), stored.end(), row.step,
                           [](const StepRow& each, int step) { return each.step < step; });
      if (at != stored.end() && at->step == row.step) {
        if (const auto text = difference(at->results, row.results)) {
          fail<StoreError>("{} is not reproducible: at step {} {}", impl.place(study, number),
                           row.step, *text);
        }
        return;
      }
      if (!stored.empty()) {
        fail<StoreError>(
            "{} is not reproducible: step {} was not measured before, though step {} was",
            impl.place(study, number), row.step, stored.back().step);
      }
    }
    if (is_finished(state)) {
      fail<StoreError>("{} is {}: step {} cannot be added", impl.place(study, number),
                       to_text(state), row.step);
    }
    HotRow hot;
    for (const auto& [name, value] : row.results)
      hot.results.emplace_back(impl.metric_id(study, name, false), value);
    for (const auto& [name, value] : row.timings)
      hot.timings.emplace_back(impl.metric_id(study, name, true), value);
    if (hot.results.size() > 0xFFFF || hot.timings.size() > 0xFFFF) {
      fail<StoreError>("{}: {} metrics in one step; expected at most 65,535",
                       impl.place(study, number), hot.results.size());
    }
    db.run("INSERT INTO epoch_hot VALUES (?, ?, ?, ?)", study, number, row.step,
           pack_row(hot, number, row.step));
    // A step that says itself how long it took ends the accounting by wall time.
    const double* took = find(row.timings, "seconds");
    const double now = SystemClock().wall();
    db.run(
        "UPDATE trial SET steps = ?1, value = coalesce(?2, value), "
        "seconds = seconds + coalesce(?3, max(0, ?4 - mark), 0), "
        "mark = iif(?3 IS NULL, iif(mark IS NULL, NULL, ?4), NULL) WHERE study = ?5 AND number = "
        "?6",
        row.step, value_so_far, took ? std::optional<double>(*took) : std::nullopt, now, study,
        number);
  });
}

std::vector<StepRow> Store::Impl::hot_rows(StudyId study, int number) const {
  const MetricTable& table = metrics(study);
  std::vector<StepRow> rows;
  auto row =
      db->query("SELECT step, row FROM epoch_hot WHERE study = ? AND number = ? ORDER BY step",
                study, number);
  try {
    while (row.next()) {
      const int step = static_cast<int>(row.integer(0));
      const HotRow hot = unpack_row(row.blob(1), number, step);
      rows.push_back({step, named(table, hot.results), named(table, hot.timings)});
    }
  } catch (const StoreError& error) {
    damaged(study, number, error.what());
  }
  return rows;
}

std::vector<MetricColumn> Store::Impl::hot_columns(StudyId study, int number) const {
  std::vector<MetricColumn> columns, timings;
  std::vector<std::size_t> places;  // by metric id; 0: none yet
  const std::size_t known = metrics(study).metrics.size();
  auto row =
      db->query("SELECT step, row FROM epoch_hot WHERE study = ? AND number = ? ORDER BY step",
                study, number);
  try {
    while (row.next()) {
      const int step = static_cast<int>(row.integer(0));
      const HotRow hot = unpack_row(row.blob(1), number, step);
      for (const bool timing : {false, true}) {
        std::vector<MetricColumn>& part = timing ? timings : columns;
        for (const auto& [id, value] : timing ? hot.timings : hot.results) {
          if (id >= known) throw StoreError("damaged row: unknown metric");
          if (places.size() <= id) places.resize(id + 1);
          if (places[id] == 0) {
            part.push_back({id, timing, {}});
            places[id] = part.size();
          }
          Chunk& chunk = part[places[id] - 1].chunk;
          if (!chunk.steps.empty() && chunk.steps.back() == step) continue;  // named twice
          chunk.steps.push_back(step);
          chunk.values.push_back(value);
        }
      }
    }
  } catch (const StoreError& error) {
    damaged(study, number, error.what());
  }
  std::move(timings.begin(), timings.end(), std::back_inserter(columns));
  return columns;
}

std::uint32_t Store::Impl::seal(StudyId study, int number,
                                const std::vector<MetricColumn>& columns) {
  const MetricTable& table = metrics(study);
  Checksum all;
  int position = 0;
  for (const MetricColumn& column : columns) {
    const auto bytes = pack_chunk(column.chunk);
    const auto crc = chunk_crc(number, table.metrics[column.id].name, bytes);
    all.add(std::int64_t{column.id}).add(std::int64_t{crc});
    db->run("INSERT INTO curve VALUES (?, ?, ?, ?, ?, ?)", study, number, column.id, position++,
            crc, bytes);
  }
  return all.value();
}

std::vector<MetricColumn> Store::Impl::sealed_columns(StudyId study, int number) const {
  const MetricTable& table = metrics(study);
  std::vector<MetricColumn> columns;
  Checksum all;
  auto row = db->query(
      "SELECT metric, crc, chunk FROM curve WHERE study = ? AND number = ? ORDER BY position",
      study, number);
  while (row.next()) {
    const auto id = static_cast<std::size_t>(row.integer(0));
    if (id >= table.metrics.size()) damaged(study, number, "a curve of an unknown metric");
    const auto& metric = table.metrics[id];
    const auto bytes = row.blob(2);
    if (chunk_crc(number, metric.name, bytes) != row.integer(1)) {
      damaged(study, number,
              fmt::format("the checksum of its curve '{}' differs", printable(metric.name)));
    }
    all.add(row.integer(0)).add(row.integer(1));
    try {
      columns.push_back({static_cast<std::uint32_t>(id), metric.timing, unpack_chunk(bytes)});
    } catch (const StoreError& error) {
      damaged(study, number, error.what());
    }
  }
  if (curve_crc(study, number) != std::optional<int>(static_cast<int>(all.value())))
    damaged(study, number, "its curves are not complete");
  return columns;
}

std::vector<StepRow> Store::Impl::sealed_rows(StudyId study, int number) const {
  const auto columns = sealed_columns(study, number);
  const MetricTable& table = metrics(study);
  std::vector<int> steps;
  for (const MetricColumn& column : columns) {
    const auto& own = column.chunk.steps;
    if (steps == own) continue;
    std::vector<int> both;
    std::set_union(steps.begin(), steps.end(), own.begin(), own.end(), std::back_inserter(both));
    steps = std::move(both);
  }
  std::vector<StepRow> rows(steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) rows[i].step = steps[i];
  for (const MetricColumn& column : columns) {
    const std::string& name = table.metrics[column.id].name;
    std::size_t at = 0;
    for (std::size_t i = 0; i < column.chunk.steps.size(); ++i) {
      while (steps[at] != column.chunk.steps[i]) ++at;
      (column.timing ? rows[at].timings : rows[at].results)
          .emplace_back(name, column.chunk.values[i]);
    }
  }
  return rows;
}

std::optional<int> Store::Impl::curve_crc(StudyId study, int number) const {
  auto row = db->query("SELECT curve_crc FROM trial WHERE study = ? AND number = ?", study, number);
  if (!row.next()) return std::nullopt;
  return row.maybe_int(0);
}

std::vector<StepRow> Store::curve(StudyId study, int number) const {
  const ReadScope scope(*impl_->db);
  const TrialRecord trial = impl_->need_trial(study, number);
  if (is_finished(trial.state)) return impl_->sealed_rows(study, number);
  auto rows = impl_->hot_rows(study, number);
  if ((rows.empty() ? 0 : rows.back().step) != trial.steps) {
    impl_->damaged(study, number,
                   fmt::format("its steps end at {}, not {}", rows.empty() ? 0 : rows.back().step,
                               trial.steps));
  }
  return rows;
}

void Store::discard_steps(StudyId study, int number, const std::string& why) {
  impl_->write([&] {
    const TrialRecord trial = impl_->need_trial(study, number);
    if (is_finished(trial.state)) {
      fail<StoreError>("{} is {}: its steps stay", impl_->place(study, number),
                       to_text(trial.state));
    }
    sqlite::Connection& db = *impl_->db;
    db.run("DELETE FROM epoch_hot WHERE study = ? AND number = ?", study, number);
    db.run("DELETE FROM rung WHERE study = ? AND number = ?", study, number);
    impl_->drop_artifacts(study, number);
    db.run(
        "UPDATE trial SET steps = 0, value = NULL, best_step = NULL WHERE study = ? AND number = ?",
        study, number);
    drop_checkpoint(study, number, "resume");
    drop_checkpoint(study, number, "best");
    add_event(study, {0, number, "restarted", why});
  });
}

void Store::add_rung(StudyId study, const RungRow& rung) {
  impl_->write([&] {
    sqlite::Connection& db = *impl_->db;
    auto row = db.query("SELECT value FROM rung WHERE study = ? AND number = ? AND step = ?", study,
                        rung.number, rung.step);
    if (row.next()) {
      if (const auto text = difference({{"value", row.real(0)}}, {{"value", rung.value}})) {
        fail<StoreError>("{} is not reproducible: at rung {} {}", impl_->place(study, rung.number),
                         rung.step, *text);
      }
      return;
    }
    impl_->need_trial(study, rung.number);
    db.run("INSERT INTO rung (study, number, step, value) VALUES (?, ?, ?, ?)", study, rung.number,
           rung.step, rung.value);
  });
}

std::vector<RungRow> Store::rungs(StudyId study) const {
  const ReadScope scope(*impl_->db);
  impl_->need_study(study);
  std::vector<RungRow> all;
  auto row =
      impl_->db->query("SELECT number, step, value FROM rung WHERE study = ? ORDER BY id", study);
  while (row.next())
    all.push_back(
        {static_cast<int>(row.integer(0)), static_cast<int>(row.integer(1)), row.real(2)});
  return all;
}

}  // namespace vernier::store
