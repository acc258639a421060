#include <fmt/ostream.h>

#include <cmath>
#include <ostream>

#include "cli/output.h"
#include "cli/study_options.h"
#include "cli/trial_name.h"
#include "core/error.h"
#include "core/stats.h"
#include "core/text.h"

namespace vernier::cli {

int rerun(const Invocation& invocation) {
  Options options("rerun STUDY#N [options]",
                  "Trains a trial again. Without --seeds it is compared bit for bit with what is "
                  "stored, and nothing is stored;\n"
                  "with it, so many repeats with other seeds are stored beside it.");
  options.argument("TRIAL", 1, 1).database().json();
  options.value("seeds", "N", "repeats with new seeds").flag("test", "measure the test part too");
  if (!options.parse(invocation)) return 0;
  const TrialName name = parse_trial_name(*options.text("TRIAL"));
  const int number = [&] {
    const store::Store store = open_database(options);
    return find_trial(store, name).number;
  }();
  const bool json = options.has("json"), test = options.has("test");
  if (const auto seeds = options.integer("seeds", 1, 1000)) {
    const std::vector<double> values = experiments::repeat_trial(
        run_options_of(options), name.study, number, static_cast<int>(*seeds), test, stderr_log());
    if (values.empty()) fail<Error>("[rerun] no repeat of {}#{} succeeded", name.study, number);
    const auto n = static_cast<double>(values.size());
    const double half =
        values.size() > 1 ? student_t_quantile(0.975, n - 1) * std::sqrt(variance(values) / n) : 0;
    if (json) {
      fmt::print(invocation.out, "{}\n",
                 Json{{"study", name.study},
                      {"number", number},
                      {"values", values},
                      {"mean", mean(values)},
                      {"half_width_95", half}}
                     .dump());
    } else {
      for (const double value : values) fmt::print(invocation.out, "{}\n", format_number(value, 6));
      fmt::print(invocation.out, "mean {} +- {} (95 % interval, n = {})\n",
                 format_number(mean(values), 5), format_number(half, 2), values.size());
    }
    return 0;
  }
  const auto report =
      experiments::rerun_trial(run_options_of(options), name.study, number, test, stderr_log());
  if (json) {
    Json out{{"study", name.study},
             {"number", number},
             {"equal", report.equal},
             {"difference", report.difference},
             {"value", report.value}};
    for (const auto& [metric, value] : report.test) out["test"][metric] = value;
    fmt::print(invocation.out, "{}\n", out.dump());
  } else {
    fmt::print(invocation.out, "{}\n", report.equal ? "equal" : "different: " + report.difference);
    for (const auto& [metric, value] : report.test)
      fmt::print(invocation.out, "{} {}\n", metric, format_number(value, 5));
  }
  return report.equal ? 0 : 1;
}

}  // namespace vernier::cli
