#include <fmt/ostream.h>

#include <cmath>
#include <limits>
#include <ostream>

#include "cli/output.h"
#include "cli/report_page.h"
#include "cli/terminal/table.h"
#include "core/error.h"
#include "core/stats.h"
#include "core/text.h"
#include "reports/analysis/best_so_far.h"
#include "reports/analysis/certainty.h"
#include "reports/analysis/ranking.h"

namespace vernier::cli {
namespace {

struct Column {
  std::string study, objective;
  int trials = 0, completed = 0;
  std::int64_t steps = 0;
  double seconds = 0;
  std::optional<int> best;
  std::optional<double> best_value, equal_trials, equal_steps, median_value;
  std::optional<reports::MeanInterval> repeats;
};

std::optional<double> at(const reports::Staircase& stairs, double x) {
  std::optional<double> value;
  for (std::size_t i = 0; i < stairs.x.size() && stairs.x[i] <= x; ++i) value = stairs.best[i];
  return value;
}

Column column_of(const reports::StudyData& data) {
  Column column;
  column.study = data.study.name;
  column.objective = data.objective;
  column.trials = static_cast<int>(data.trials.size());
  std::vector<double> values;
  for (const store::TrialRecord& trial : data.trials) {
    column.completed += trial.state == store::State::completed;
    column.steps += trial.steps;
    column.seconds += trial.seconds;
    if (trial.state == store::State::completed && trial.value) values.push_back(*trial.value);
  }
  if (!values.empty()) column.median_value = median(values);
  if (const auto order = reports::ranking(data); !order.empty()) {
    column.best = data.trials[order.front()].number;
    column.best_value = data.trials[order.front()].value;
  }
  column.repeats = reports::certainty(data).repeats;
  return column;
}

std::string interval(const std::optional<reports::MeanInterval>& mean) {
  if (!mean) return "-";
  return fmt::format("{} +- {} (n = {})", format_number(mean->mean, 5),
                     format_number(mean->half_width, 2), mean->n);
}

/// The second minus the first, with Welch's 95 % interval; where both have repeats.
std::string difference(const Column& first, const Column& other) {
  if (!first.repeats || !other.repeats) return "-";
  const reports::Difference gap = reports::welch(*first.repeats, *other.repeats);
  if (gap.half_width <= 0) return format_number(gap.mean, 3);
  return fmt::format("{} +- {}", format_number(gap.mean, 3), format_number(gap.half_width, 2));
}

Json json_of(const Column& column) {
  const auto number = [](const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
  };
  Json json{{"study", column.study},
            {"objective", column.objective},
            {"trials", column.trials},
            {"completed", column.completed},
            {"steps", column.steps},
            {"seconds", column.seconds},
            {"best", number(column.best_value)}};
  json["best_trial"] = column.best ? Json(*column.best) : Json(nullptr);
  json["median"] = number(column.median_value);
  json["best_of_equal_trials"] = number(column.equal_trials);
  json["best_of_equal_steps"] = number(column.equal_steps);
  if (column.repeats)
    json["repeats"] = {{"n", column.repeats->n},
                       {"mean", column.repeats->mean},
                       {"half_width_95", column.repeats->half_width}};
  return json;
}

}  // namespace

int compare(const Invocation& invocation) {
  Options options(
      "compare STUDY STUDY... [options]",
      "Studies against each other: the best, the best of equally many trials and of equally "
      "many steps, and what repeats say of the winners\n"
      "(`vernier rerun STUDY#best --seeds 5`), with 95 % intervals.");
  options.argument("STUDY", 2, -1).database().json();
  options.value("output,o", "FILE", "the comparison as a page, in place of the table");
  if (!options.parse(invocation)) return 0;
  const store::Store store = open_database(options);
  if (const auto file = options.text("output")) {
    write_report_page(invocation, database_of(options), {options.list("STUDY"), "", 0}, *file);
    return 0;
  }
  std::vector<reports::StudyData> studies;
  for (const std::string& name : options.list("STUDY"))
    studies.push_back(reports::load_study(store, name));
  std::vector<Column> columns;
  double least_trials = std::numeric_limits<double>::infinity(), least_steps = least_trials;
  std::vector<reports::BestSoFar> stairs;
  for (const auto& data : studies) {
    if (data.objective != studies.front().objective || data.maximize != studies.front().maximize) {
      fail<UsageError>("[compare] '{}' is judged by {}, '{}' by {}; expected one objective",
                       studies.front().study.name, studies.front().objective, data.study.name,
                       data.objective);
    }
    columns.push_back(column_of(data));
    stairs.push_back(reports::best_so_far(data));
    least_trials = std::min(least_trials, stairs.back().by_trial.end);
    least_steps = std::min(least_steps, stairs.back().by_steps.end);
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    columns[i].equal_trials = at(stairs[i].by_trial, least_trials);
    columns[i].equal_steps = at(stairs[i].by_steps, least_steps);
  }
  if (options.has("json")) {
    Json list = Json::array();
    for (const Column& column : columns) list.push_back(json_of(column));
    fmt::print(invocation.out, "{}\n", Json{{"studies", list}}.dump());
    return 0;
  }
  const auto maybe = [](const std::optional<double>& value) {
    return value ? Value(*value) : Value();
  };
  store::Table table{
      {"study", "trials", "completed", "best", "#",
       fmt::format("best of {:.0f} trials", least_trials),
       fmt::format("best of {:.0f} steps", least_steps), "median", "repeats of the best",
       fmt::format("minus {}", columns.front().study), "steps", "time"},
      {}};
  for (const Column& column : columns) {
    table.rows.push_back({column.study, std::int64_t{column.trials}, std::int64_t{column.completed},
                          maybe(column.best_value),
                          column.best ? Value(std::int64_t{*column.best}) : Value(),
                          maybe(column.equal_trials), maybe(column.equal_steps),
                          maybe(column.median_value), interval(column.repeats),
                          &column == &columns.front() ? "" : difference(columns.front(), column),
                          column.steps, format_duration(column.seconds)});
  }
  print_table(invocation.out, table, terminal_of(1));
  fmt::print(invocation.err, "{}, {}\n", columns.front().objective,
             studies.front().maximize ? "larger is better" : "smaller is better");
  return 0;
}

}  // namespace vernier::cli
