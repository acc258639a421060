// A metric over two parameters: {"x", "y": {"name", "labels"}, "metric", "maximize", "maps": [{"label", "side", "x", "y", "mean", "n", "rank", "ridge"}]}.
#include <algorithm>

#include "core/stats.h"
#include "reports/claim_plots/claim_plot.h"

namespace vernier::reports {

namespace {

constexpr int kMostCells = 12;

bool names_a_metric(const Claim& claim, const std::vector<StudyData>& studies) {
  const StudyData& data = studies[claim.study];
  const auto is_metric = [&](const std::string& name) {
    return name == data.objective || data.metric(name).has_value();
  };
  if (is_metric(claim.metric)) return true;
  const auto used = expr::names(expr::parse(claim.metric));
  return std::any_of(used.begin(), used.end(), is_metric);
}

void rank_cells(ClaimMap& map, bool maximize, std::size_t rows) {
  std::vector<double> costs;
  for (const auto& cell : map.cells) costs.push_back(maximize ? -cell.value.mean : cell.value.mean);
  const auto order = ranks(costs);
  map.ridge.assign(rows, -1);
  std::vector<double> best(rows, INFINITY);
  for (std::size_t i = 0; i < map.cells.size(); ++i) {
    auto& cell = map.cells[i];
    if (costs.size() > 1) cell.rank = (order[i] - 1) / static_cast<double>(costs.size() - 1);
    const auto row = static_cast<std::size_t>(cell.y);
    if (!(costs[i] < best[row])) continue;
    best[row] = costs[i];
    map.ridge[row] = cell.x;
  }
}

}  // namespace

ClaimMaps claim_maps(const ClaimPlotInput& input) {
  const Claim& claim = input.claim;
  const ClaimPlot& plot = claim.plot;
  const auto& studies = input.studies;
  const StudyData& own = studies[claim.study];
  const auto trials = drawn_trials(claim, studies, {plot.x, plot.y});
  const bool as_claimed = names_a_metric(claim, studies);
  ClaimMaps result{setting_axis(studies, trials, plot.x, kMostCells),
                   setting_axis(studies, trials, plot.y, kMostCells),
                   as_claimed ? claim.metric : own.objective,
                   as_claimed ? claim.maximize : own.maximize,
                   {}};
  const ClaimMetric metric(studies_of(claim, studies), result.metric);
  const bool shown = plot.x == claim.arms || plot.y == claim.arms;
  const auto arms =
      shown ? std::vector<std::string>{""} : std::vector<std::string>{claim.better, claim.than};
  for (const std::string& arm : arms) {
    ClaimMap map{arm, side_of(claim, arm), {}, {}};
    const auto columns = static_cast<int>(result.x.at.size());
    const auto rows = static_cast<int>(result.y.at.size());
    for (int y = 0; y < rows; ++y) {
      for (int x = 0; x < columns; ++x) {
        std::vector<ClaimTrial> here;
        for (std::size_t i = 0; i < trials.size(); ++i)
          if (result.x.cell[i] == x && result.y.cell[i] == y &&
              (shown || setting_text(studies, trials[i], claim.arms) == arm))
            here.push_back(trials[i]);
        const auto value = over_seeds(claim, studies, here, [&](const ClaimTrial& trial) {
          return metric.of(studies[trial.study], trial.row);
        });
        if (value) map.cells.push_back({x, y, *value, 0});
      }
    }
    rank_cells(map, result.maximize, result.y.at.size());
    if (!map.cells.empty()) result.maps.push_back(std::move(map));
  }
  return result;
}

Json heat_map_claim_plot(const ClaimPlotInput& input) {
  const ClaimMaps all = claim_maps(input);
  if (all.maps.empty()) return nullptr;
  Json json{{"x", {{"name", all.x.name}, {"labels", all.x.labels}}},
            {"y", {{"name", all.y.name}, {"labels", all.y.labels}}},
            {"metric", all.metric},
            {"maximize", all.maximize},
            {"maps", Json::array()}};
  for (const ClaimMap& map : all.maps) {
    Json out{{"label", map.label}, {"side", map.side}, {"ridge", map.ridge}};
    for (const char* key : {"x", "y", "mean", "n", "rank"}) out[key] = Json::array();
    for (const auto& cell : map.cells) {
      out["x"].push_back(cell.x);
      out["y"].push_back(cell.y);
      out["mean"].push_back(drawn_number(cell.value.mean));
      out["n"].push_back(cell.value.n);
      out["rank"].push_back(drawn_number(cell.rank));
    }
    json["maps"].push_back(std::move(out));
  }
  return json;
}

}  // namespace vernier::reports
