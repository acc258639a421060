#include <fmt/ostream.h>

#include <algorithm>
#include <ostream>

#include "cli/output.h"
#include "cli/terminal/table.h"
#include "core/text.h"
#include "reports/analysis/claim.h"
#include "reports/html/wording.h"

namespace vernier::cli {
namespace {

using reports::Claim;
using reports::StudyData;

/// Those named, or all of the database; of the latter, only what some claim needs.
std::vector<StudyData> studies_of(const store::Store& store,
                                  const std::vector<std::string>& names) {
  std::vector<StudyData> studies;
  for (const std::string& name : names) {
    const bool again = std::any_of(studies.begin(), studies.end(),
                                   [&](const StudyData& data) { return data.study.name == name; });
    if (!again) studies.push_back(reports::load_study(store, name));
  }
  if (!names.empty()) return studies;
  std::vector<std::string> all, making;
  bool over_studies = false;
  for (store::StudyRecord& record : store.studies()) {
    StudyData head;
    head.study = std::move(record);
    const auto claims = reports::claims_of(head);
    all.push_back(head.study.name);
    if (!claims.empty()) making.push_back(head.study.name);
    for (const auto& claim : claims) over_studies = over_studies || claim.over_studies;
  }
  for (const std::string& name : over_studies ? all : making)
    studies.push_back(reports::load_study(store, name));
  return studies;
}

std::string sentence(const Claim& claim) {
  return claim.text.empty() ? fmt::format("{} beats {}", claim.better, claim.than) : claim.text;
}

Json side_json(const std::vector<StudyData>& studies, const reports::ClaimValue& side) {
  Json trials = Json::array();
  for (const reports::ClaimTrial& trial : side.trials) {
    const StudyData& data = studies[trial.study];
    trials.push_back(fmt::format("{}#{}", data.study.name, data.trials[trial.row].number));
  }
  Json json{{"value", side.value}, {"trials", trials}};
  if (!side.settings.empty()) json["settings"] = side.settings;
  return json;
}

Json claim_json(const std::vector<StudyData>& studies, const Claim& claim) {
  Json pairs = Json::array(), looked_at = Json::array();
  for (const reports::ClaimPair& pair : claim.pairs)
    pairs.push_back({{"pair", pair.label},
                     {"better", side_json(studies, pair.better)},
                     {"than", side_json(studies, pair.than)},
                     {"difference", pair.difference}});
  for (const std::size_t s : claim.studies) looked_at.push_back(studies[s].study.name);
  Json json{{"study", studies[claim.study].study.name},
            {"text", claim.text},
            {"arms", claim.arms},
            {"better", claim.better},
            {"than", claim.than},
            {"metric", claim.metric},
            {"goal", claim.maximize ? "maximize" : "minimize"}};
  json[claim.within ? "within" : "margin"] = claim.within.value_or(claim.margin);
  const auto number = [](const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
  };
  json.update({{"verdict", to_text(claim.verdict)},
               {"mean", claim.paired.n > 0 ? Json(claim.paired.mean) : Json(nullptr)},
               {"half_width_95", number(claim.paired.half_width)},
               {"p", number(claim.paired.p)},
               {"n", claim.paired.n},
               {"seeds", claim.seeds},
               {"mark", claim.mark()},
               {"lost",
                {{"better", claim.better_arm.lost},
                 {"than", claim.than_arm.lost},
                 {"both", claim.lost_both}}},
               {"unpaired", claim.unpaired},
               {"unfinished", claim.unfinished},
               {"why", claim.why},
               {"studies", looked_at},
               {"pairs", pairs}});
  return json;
}

void print(const Invocation& invocation, const std::vector<StudyData>& studies,
           const std::vector<Claim>& claims) {
  store::Table table{{"study", "claim", "verdict", "difference", "pairs", "note"}, {}};
  for (const Claim& claim : claims) {
    const reports::Paired& p = claim.paired;
    table.rows.push_back(
        {studies[claim.study].study.name, sentence(claim), to_text(claim.verdict),
         p.n == 0 ? Value() : Value(reports::plus_minus(p.mean, p.half_width.value_or(0))),
         std::int64_t{p.n}, claim.mark()});
  }
  print_table(invocation.out, table, terminal_of(1));
  fmt::print(invocation.out, "\n");
  for (const Claim& claim : claims)
    fmt::print(invocation.out, "{}: {}: {}\n", printable(studies[claim.study].study.name),
               to_text(claim.verdict), printable(claim.why));
}

}  // namespace

int claims(const Invocation& invocation) {
  Options options(
      "claims [STUDY...] [options]",
      "The verdicts of what studies claim (claim: in their files): of those named, or of "
      "all in the database. Claims over studies\n"
      "are judged by the studies named.");
  options.argument("STUDY", 0, -1).database().json();
  if (!options.parse(invocation)) return 0;
  const store::Store store = open_database(options);
  const std::vector<StudyData> studies = studies_of(store, options.list("STUDY"));
  const std::vector<Claim> claims = reports::judge_claims(studies);
  if (options.has("json")) {
    Json list = Json::array();
    for (const Claim& claim : claims) list.push_back(claim_json(studies, claim));
    fmt::print(invocation.out, "{}\n", Json{{"claims", list}}.dump());
  } else if (claims.empty()) {
    fmt::print(invocation.err, "no claim in {}; a study file makes one with `claim:`\n",
               options.list("STUDY").empty() ? store.file().string() : "these studies");
  } else {
    print(invocation, studies, claims);
  }
  return 0;
}

}  // namespace vernier::cli
