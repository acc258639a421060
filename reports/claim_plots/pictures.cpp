// The last pictures of each arm's best trial: {"picture", "arms": [{"label", "side", "study", "number", "artifacts" (null: the page fetches them)}]}.
#include <algorithm>
#include <map>

#include "reports/claim_plots/claim_plot.h"
#include "reports/html/artifacts.h"

namespace vernier::reports {

namespace {

/// The first filters are enough for a small picture: `count` is cut, and the base64 after whole groups of 3 bytes.
void keep_filters(Json& artifact, int most) {
  if (!artifact.contains("data") || artifact["kind"] != "filters") return;
  Json& data = artifact["data"];
  if (data["count"].get<int>() <= most) return;
  const std::size_t bytes = static_cast<std::size_t>(most) * data["width"].get<std::size_t>() *
                            data["height"].get<std::size_t>() * data["channels"].get<std::size_t>();
  data["count"] = most;
  data["pixels"] = data["pixels"].get<std::string>().substr(0, bytes / 3 * 4);
}

Json arm_json(const ClaimPlotInput& input, const ClaimArm& arm, const std::string& label) {
  Json json{{"label", label},
            {"side", side_of(input.claim, label)},
            {"study", ""},
            {"number", nullptr},
            {"artifacts", nullptr}};
  if (!arm.best) {
    json["artifacts"] = Json::array();
    return json;
  }
  const StudyData& data = input.studies[arm.best->study];
  const int number = data.trials[arm.best->row].number;
  json["study"] = data.study.name;
  json["number"] = number;
  if (!input.artifacts) return json;
  json["artifacts"] = artifacts_json(
      last_pictures(input.artifacts(data, number), input.claim.plot.picture), input.picture_bytes);
  if (input.small)
    for (Json& artifact : json["artifacts"]) keep_filters(artifact, 12);
  return json;
}

}  // namespace

std::vector<store::Artifact> last_pictures(const std::vector<store::Artifact>& all,
                                           const std::string& picture) {
  static const std::map<std::string, std::string> kinds{{"map", "decision_map"},
                                                        {"histograms", "histogram"},
                                                        {"filters", "filters"},
                                                        {"fit", "fitted_curve"},
                                                        {"confusion", "confusion"}};
  const auto kind = kinds.find(picture);
  std::vector<store::Artifact> last;
  if (kind == kinds.end()) return last;
  int step = 0;
  for (const auto& artifact : all)
    if (artifact.kind == kind->second) step = std::max(step, artifact.step);
  for (const auto& artifact : all)
    if (artifact.kind == kind->second && artifact.step == step) last.push_back(artifact);
  return last;
}

Json pictures_claim_plot(const ClaimPlotInput& input) {
  const Claim& claim = input.claim;
  if (!claim.better_arm.best && !claim.than_arm.best) return nullptr;
  return {{"picture", claim.plot.picture},
          {"arms",
           {arm_json(input, claim.better_arm, claim.better),
            arm_json(input, claim.than_arm, claim.than)}}};
}

}  // namespace vernier::reports
