#include "cli/check_output.h"

#include <fmt/ostream.h>

#include <ostream>

#include "cli/terminal/table.h"
#include "core/text.h"

namespace vernier::cli {
namespace {

Json estimate_json(const engine::Estimate& e) {
  return {{"bytes", e.bytes},           {"data_bytes", e.data_bytes},
          {"parameters", e.parameters}, {"flops", e.flops},
          {"update_us", e.update_us},   {"updates_per_step", e.updates_per_step},
          {"feasible", e.feasible},     {"why", e.why}};
}

void print_json(std::ostream& out, const experiments::Spec& spec,
                const experiments::CheckReport& report) {
  Json samples = Json::array();
  for (std::size_t i = 0; i < report.samples.size(); ++i) {
    Json sample{{"params", to_json(report.samples[i])}};
    if (i < report.estimates.size() && report.estimates[i])
      sample["estimate"] = estimate_json(*report.estimates[i]);
    samples.push_back(std::move(sample));
  }
  const Json json{{"study", spec.study},
                  {"spec_hash", spec.hash()},
                  {"cardinality", report.cardinality ? Json(*report.cardinality) : Json(nullptr)},
                  {"trials", spec.trials},
                  {"lanes", report.lanes},
                  {"predicted_seconds", report.predicted_seconds},
                  {"samples", samples},
                  {"warnings", report.warnings}};
  fmt::print(out, "{}\n", json.dump());
}

}  // namespace

int print_check(const Invocation& invocation, const experiments::Spec& spec,
                const experiments::CheckReport& report, bool json) {
  std::ostream& out = invocation.out;
  if (json) {
    print_json(out, spec, report);
    return 0;
  }
  for (const std::string& warning : report.warnings)
    fmt::print(invocation.err, "warning: {}\n", warning);
  fmt::print(out, "{}: {} trials of up to {} steps, {} at a time, sampler {}, strategy {}\n",
             printable(spec.study), spec.trials, spec.max_steps(), report.lanes, spec.sampler,
             spec.strategy);
  fmt::print(out, "space: {} parameters, {} configurations\n", spec.parameters.size(),
             report.cardinality ? format_number(*report.cardinality, 9) : "unbounded");
  if (report.predicted_seconds > 0)
    fmt::print(out, "time: about {}\n", format_duration(report.predicted_seconds));
  fmt::print(out, "\nfive configurations of it:\n");
  store::Table table;
  for (const auto& parameter : spec.parameters) table.columns.push_back(parameter.name);
  const bool engine = !report.estimates.empty() && report.estimates.front().has_value();
  if (engine)
    table.columns.insert(table.columns.end(), {"weights", "memory", "us/update", "feasible"});
  for (std::size_t i = 0; i < report.samples.size(); ++i) {
    auto& row = table.rows.emplace_back();
    for (const auto& parameter : spec.parameters) {
      const Value* value = report.samples[i].find(parameter.name);
      row.push_back(value != nullptr ? *value : Value());
    }
    if (!engine) continue;
    const engine::Estimate& e = *report.estimates[i];
    row.emplace_back(static_cast<std::int64_t>(e.parameters));
    row.emplace_back(format_bytes(static_cast<double>(e.bytes)));
    row.emplace_back(e.update_us);
    row.emplace_back(e.feasible ? std::string("yes") : e.why);
  }
  print_table(out, table, terminal_of(1), 4);
  fmt::print(out, "\nok\n");
  return 0;
}

}  // namespace vernier::cli
