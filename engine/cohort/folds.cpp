#include "engine/cohort/folds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/stats.h"
#include "engine/cohort/checkpoint.h"

namespace vernier::engine {
namespace {

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Value `i` of the results of every row.
std::vector<double> column(const std::vector<Metrics>& rows, std::size_t i) {
  std::vector<double> values;
  for (const Metrics& row : rows) values.push_back(row[i].second);
  return values;
}

double margin(const std::vector<double>& values) {
  const double k = static_cast<double>(values.size());
  return student_t_quantile(0.975, k - 1) * std::sqrt(variance(values) / k);
}

}  // namespace

Metrics means(const std::vector<Metrics>& rows) {
  Metrics all;
  for (std::size_t i = 0; i < rows[0].size(); ++i)
    all.emplace_back(rows[0][i].first, mean(column(rows, i)));
  return all;
}

std::string margin_name(const std::string& metric) { return metric + "_margin"; }
bool has_margin(const std::string& metric) {
  return metric.starts_with("val_") && metric.find('.') == std::string::npos;
}

void FoldRows::take(std::size_t f, MetricRow row) {
  last_[f] = std::move(row);
  taken_[f] = true;
}

std::optional<MetricRow> FoldRows::merge() {
  MetricRow all;
  all.ended = all.early = true;
  std::vector<Metrics> results, timings;
  for (std::size_t f = 0; f < last_.size(); ++f) {
    MetricRow& row = last_[f];
    if (taken_[f]) timings.push_back(row.timings);
    if (f == 0 && taken_[f]) all.recorded = std::move(row.recorded);
    taken_[f] = false;
    results.push_back(row.results);
    all.step = std::max(all.step, row.step);
    all.ended = all.ended && row.ended;
    all.early = all.early && row.early;
    all.diverged = all.diverged || row.diverged;
  }
  if (timings.empty()) return std::nullopt;
  all.results = means(results);
  for (std::size_t i = 0; i < results[0].size(); ++i) {
    const std::string& name = results[0][i].first;
    if (has_margin(name)) all.results.emplace_back(margin_name(name), margin(column(results, i)));
  }
  all.timings = means(timings);
  for (auto& [name, value] : all.timings) {
    if (name == "seconds") value *= static_cast<double>(timings.size());
  }
  return all;
}

Checkpoint FoldRows::pack(const std::vector<Checkpoint>& parts,
                          const std::string& device_kind) const {
  CheckpointWriter writer;
  writer.add("kind", "folds");
  const std::int64_t count = static_cast<std::int64_t>(parts.size());
  writer.add("folds", std::span(&count, 1));
  int step = 0;
  for (std::size_t f = 0; f < parts.size(); ++f) {
    step = std::max(step, parts[f].step);
    writer.add(fmt::format("fold{}", f), as_text(parts[f].bytes));
    Json row = Json::object();
    row["results"] = Json::array();
    // As bits: a result may be infinite, which JSON has no word for.
    std::vector<double> values;
    for (const auto& [name, value] : last_[f].results) {
      row["results"].push_back(name);
      values.push_back(value);
    }
    row["step"] = last_[f].step;
    row["ended"] = last_[f].ended;
    row["early"] = last_[f].early;
    row["diverged"] = last_[f].diverged;
    writer.add(fmt::format("row{}", f), row.dump());
    writer.add(fmt::format("values{}", f), std::span<const double>(values));
  }
  return {step, device_kind, writer.finish()};
}

std::vector<Checkpoint> FoldRows::unpack(const Checkpoint& from) {
  const CheckpointReader reader(from.bytes);
  if (reader.text("kind") != "folds" ||
      reader.integers("folds", 1)[0] != static_cast<std::int64_t>(last_.size()))
    fail<UsageError>("[checkpoint] it is not of {} folds; expected as many as data.folds",
                     last_.size());
  std::vector<Checkpoint> parts;
  for (std::size_t f = 0; f < last_.size(); ++f) {
    const std::string bytes = reader.text(fmt::format("fold{}", f));
    const auto raw = std::as_bytes(std::span(bytes));
    parts.push_back({from.step, from.device_kind, {raw.begin(), raw.end()}});
    try {
      const Json row = Json::parse(reader.text(fmt::format("row{}", f)));
      const Json& names = row.at("results");
      const auto values = reader.numbers(fmt::format("values{}", f), names.size());
      for (std::size_t i = 0; i < values.size(); ++i)
        last_[f].results.emplace_back(names[i].get<std::string>(), values[i]);
      last_[f].step = row.at("step");
      last_[f].ended = row.at("ended");
      last_[f].early = row.at("early");
      last_[f].diverged = row.at("diverged");
    } catch (const Json::exception& error) {
      fail<UsageError>("[checkpoint] fold {}: {}", f + 1, error.what());
    }
  }
  return parts;
}

}  // namespace vernier::engine
