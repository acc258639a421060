// Measurements: hot rows while a trial runs, sealed chunks after.
#include <algorithm>
#include <bit>
#include <map>

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
    const double* took = find(row.timings, "seconds");
    impl.account(study, number, took ? std::optional<double>(*took) : std::nullopt, false);
    db.run("UPDATE trial SET steps = ?, value = coalesce(?, value) WHERE study = ? AND number = ?",
           row.step, value_so_far, study, number);
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

std::uint32_t Store::Impl::seal(StudyId study, int number, const std::vector<StepRow>& rows) {
  std::map<std::uint32_t, Chunk> chunks;
  std::vector<std::uint32_t> order;  // of first appearance: results before timings
  for (const bool timing : {false, true}) {
    for (const StepRow& row : rows) {
      for (const auto& [name, value] : timing ? row.timings : row.results) {
        const auto id = metric_id(study, name, timing);
        Chunk& chunk = chunks[id];
        if (chunk.steps.empty()) order.push_back(id);
        if (!chunk.steps.empty() && chunk.steps.back() == row.step)
          continue;  // named twice in one step
        chunk.steps.push_back(row.step);
        chunk.values.push_back(value);
      }
    }
  }
  Checksum all;
  for (std::size_t position = 0; position < order.size(); ++position) {
    const auto id = order[position];
    const auto bytes = pack_chunk(chunks[id]);
    const auto crc = chunk_crc(number, metrics(study).metrics[id].name, bytes);
    all.add(std::int64_t{id}).add(std::int64_t{crc});
    db->run("INSERT INTO curve VALUES (?, ?, ?, ?, ?, ?)", study, number, id,
            static_cast<int>(position), crc, bytes);
  }
  db->run("DELETE FROM epoch_hot WHERE study = ? AND number = ?", study, number);
  return all.value();
}

std::vector<StepRow> Store::Impl::sealed_rows(StudyId study, int number) const {
  const MetricTable& table = metrics(study);
  std::map<int, StepRow> rows;
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
      const Chunk chunk = unpack_chunk(bytes);
      for (std::size_t i = 0; i < chunk.steps.size(); ++i) {
        StepRow& step = rows[chunk.steps[i]];
        step.step = chunk.steps[i];
        (metric.timing ? step.timings : step.results).emplace_back(metric.name, chunk.values[i]);
      }
    } catch (const StoreError& error) {
      damaged(study, number, error.what());
    }
  }
  if (curve_crc(study, number) != std::optional<int>(static_cast<int>(all.value()))) {
    damaged(study, number, "its curves are not complete");
  }
  std::vector<StepRow> result;
  result.reserve(rows.size());
  for (auto& [step, each] : rows) result.push_back(std::move(each));
  return result;
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
