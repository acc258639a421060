#include "search/importance/importance.h"

#include <fmt/ostream.h>

#include <algorithm>
#include <numeric>
#include <ostream>

#include "cli/output.h"
#include "cli/terminal/table.h"
#include "core/text.h"
#include "experiments/study/spec.h"
#include "search/importance/fanova.h"
#include "search/importance/surrogate.h"

namespace vernier::cli {
namespace {

constexpr std::size_t shown_pairs = 5;
constexpr double least_pair = 0.005;

/// A share with the sign of the correlation.
double correlation_of(const std::vector<search::Importance>& all, const std::string& name) {
  for (const search::Importance& entry : all)
    if (entry.name == name) return entry.sign < 0 ? -entry.share : entry.share;
  return 0;
}

}  // namespace

int importance(const Invocation& invocation) {
  Options options("importance STUDY [options]",
                  "What mattered: shares of the variance over the whole space (fanova), what sets "
                  "the best tenth apart (ped), and correlations with their sign.");
  options.argument("STUDY", 1, 1).database().json();
  if (!options.parse(invocation)) return 0;
  const store::Store store = open_database(options);
  const store::StudyRecord study = store.study(*options.text("STUDY"));
  const experiments::Spec spec = experiments::spec_from_json(study.spec);
  const search::Space space = spec.space();
  const bool maximize = !study.objectives.empty() && study.objectives.front().second;
  std::vector<Config> configs;
  std::vector<double> values, minimised;
  for (const store::TrialRecord& trial : store.trials(study.id)) {
    const bool counts =
        trial.kind == "search" && trial.state == store::State::completed && trial.value;
    if (!counts) continue;
    configs.push_back(trial.config);
    values.push_back(*trial.value);
    minimised.push_back(maximize ? -*trial.value : *trial.value);
  }
  const search::Fanova shares = search::fanova(space, configs, minimised);
  const std::vector<double> ped = search::ped_anova(space, configs, minimised);
  const auto correlations = search::importance(configs, values);
  std::vector<std::size_t> order(space.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return shares.main[a] > shares.main[b]; });
  const auto name = [&](std::size_t j) { return space.parameters()[j].name; };
  const auto warnings = search::edge_warnings(space, configs, minimised);
  const auto model = search::calibration(space, configs, minimised);
  if (options.has("json")) {
    Json list = Json::array(), pairs = Json::array(), edges = Json::array();
    for (const std::size_t j : order)
      list.push_back({{"name", name(j)},
                      {"fanova", shares.main[j]},
                      {"ped_anova", ped[j]},
                      {"correlation", correlation_of(correlations, name(j))}});
    for (const search::PairShare& pair : shares.pairs)
      pairs.push_back({{"names", {name(pair.first), name(pair.second)}}, {"fanova", pair.share}});
    for (const search::EdgeWarning& edge : warnings)
      edges.push_back({{"name", name(edge.parameter)},
                       {"end", edge.upper ? "upper" : "lower"},
                       {"best", to_json(edge.best)}});
    Json document{{"study", study.name},
                  {"trials", values.size()},
                  {"importance", list},
                  {"pairs", pairs},
                  {"edges", edges}};
    if (model)
      document["model"] = {{"trials", model->trials.size()},
                           {"explained", model->explained},
                           {"inside_50", model->inside_50},
                           {"inside_90", model->inside_90}};
    fmt::print(invocation.out, "{}\n", document.dump());
    return 0;
  }
  store::Table table;
  table.columns = {"parameter", "fanova", "ped", "correlation"};
  for (const std::size_t j : order)
    table.rows.push_back({name(j), shares.main[j], ped[j], correlation_of(correlations, name(j))});
  print_table(invocation.out, table, terminal_of(1), 3);
  std::size_t printed = 0;
  for (const search::PairShare& pair : shares.pairs) {
    if (printed == shown_pairs || pair.share < least_pair) break;
    if (printed++ == 0) fmt::print(invocation.out, "\ntogether, beyond each alone:\n");
    fmt::print(invocation.out, "  {:.3f}  {} and {}\n", pair.share, name(pair.first),
               name(pair.second));
  }
  if (model)
    fmt::print(
        invocation.out,
        "\na Gaussian process foretells {:.0f} % of the variance of trials left out; its 90 % "
        "intervals hold {:.0f} % of them\n",
        100 * std::max(0.0, model->explained), 100 * model->inside_90);
  for (const search::EdgeWarning& edge : warnings)
    fmt::print(
        invocation.err,
        "{}: the best trials lie at the {} end ({} of {}); a wider range may hold better ones\n",
        name(edge.parameter), edge.upper ? "upper" : "lower", to_text(edge.best),
        space.axis(edge.parameter).describe());
  if (values.size() < 8)
    fmt::print(invocation.err, "{} completed trials; expected at least 8 to tell\n", values.size());
  return 0;
}

}  // namespace vernier::cli
