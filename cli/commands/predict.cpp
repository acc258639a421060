#include "experiments/scheduler/predict.h"

#include <fmt/ostream.h>

#include <algorithm>
#include <ostream>

#include "cli/output.h"
#include "cli/study_options.h"
#include "cli/terminal/table.h"
#include "cli/trial_name.h"
#include "core/text.h"

namespace vernier::cli {
namespace {

int likeliest(const engine::Predictions& predictions, int row) {
  const auto first =
      predictions.values.begin() + static_cast<std::ptrdiff_t>(row) * predictions.outputs;
  return static_cast<int>(std::max_element(first, first + predictions.outputs) - first);
}

/// row (from 1), prediction, the truth where it is known, then a column each output.
store::Table table_of(const engine::Predictions& p) {
  store::Table table{{"row"}, {}};
  const auto output = [&](int k) {
    return p.outputs == 1 ? std::string() : "_" + std::to_string(k + 1);
  };
  if (!p.classes.empty()) {
    table.columns.emplace_back("class");
    if (!p.truth.empty()) table.columns.emplace_back("true_class");
    for (const std::string& name : p.classes) table.columns.push_back("p_" + name);
  } else {
    for (int k = 0; k < p.outputs; ++k) table.columns.push_back("predicted" + output(k));
    for (int k = 0; k < p.outputs && !p.targets.empty(); ++k)
      table.columns.push_back("true" + output(k));
  }
  for (int row = 0; row < p.n; ++row) {
    std::vector<Value> cells{std::int64_t{row} + 1};
    const auto first = static_cast<std::size_t>(row) * static_cast<std::size_t>(p.outputs);
    const auto add = [&](const std::vector<double>& from) {
      for (std::size_t k = 0; k < static_cast<std::size_t>(p.outputs); ++k)
        cells.emplace_back(from[first + k]);
    };
    const auto name = [&](int index) { return p.classes[static_cast<std::size_t>(index)]; };
    if (!p.classes.empty()) {
      cells.emplace_back(name(likeliest(p, row)));
      if (!p.truth.empty()) cells.emplace_back(name(p.truth[static_cast<std::size_t>(row)]));
    }
    add(p.values);
    if (p.classes.empty() && !p.targets.empty()) add(p.targets);
    table.rows.push_back(std::move(cells));
  }
  return table;
}

}  // namespace

int predict(const Invocation& invocation) {
  Options options("predict STUDY#best DATA [options]",
                  "What a trained network says to examples: one row each, with the class (and the "
                  "probability of every class) or the number.\n"
                  "DATA is train, valid or test, a part of the study's own data, or a file as that "
                  "data: a CSV file with the table's columns (the target may be missing), for "
                  "other sets a CSV file of one number a feature, or IDX images.");
  options.argument("TRIAL", 1, 1).argument("DATA", 1, 1).database().json().flag("csv", "as CSV");
  if (!options.parse(invocation)) return 0;
  const TrialName name = parse_trial_name(*options.text("TRIAL"));
  const int number = find_trial(open_database(options), name).number;
  const engine::Predictions predictions = experiments::predict_trial(
      run_options_of(options), name.study, number, *options.text("DATA"), null_log());
  const store::Table table = table_of(predictions);
  if (options.has("json")) {
    fmt::print(invocation.out, "{}\n",
               Json{{"study", name.study},
                    {"number", number},
                    {"classes", predictions.classes},
                    {"predictions", table_json(table)}}
                   .dump());
  } else if (options.has("csv")) {
    print_csv(invocation.out, table);
  } else {
    print_table(invocation.out, table, terminal_of(1));
  }
  if (!predictions.truth.empty()) {
    int right = 0;
    for (int row = 0; row < predictions.n; ++row)
      right += likeliest(predictions, row) == predictions.truth[static_cast<std::size_t>(row)];
    fmt::print(invocation.err, "{} of {} right\n", right, predictions.n);
  }
  return 0;
}

}  // namespace vernier::cli
