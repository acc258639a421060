#include "reports/html/claims.h"

#include <map>

namespace vernier::reports {

namespace {

Json maybe(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json pairs_json(const Claim& claim) {
  Json pairs = Json::array();
  for (const ClaimPair& pair : claim.pairs)
    pairs.push_back({{"label", pair.label}, {"difference", drawn_number(pair.difference)}});
  return pairs;
}

}  // namespace

Json claims_json(const std::vector<StudyData>& studies, const ClaimsJsonOptions& options) {
  Json list = Json::array();
  std::map<std::size_t, int> made;
  for (const Claim& claim : judge_claims(studies)) {
    const Paired& p = claim.paired;
    list.push_back({{"study", studies[claim.study].study.name},
                    {"index", ++made[claim.study]},
                    {"text", claim.text},
                    {"arms", claim.arms},
                    {"better", claim.better},
                    {"than", claim.than},
                    {"metric", claim.metric},
                    {"maximize", claim.maximize},
                    {"margin", claim.margin},
                    {"within", maybe(claim.within)},
                    {"n", p.n},
                    {"mean", p.mean},
                    {"half_width", maybe(p.half_width)},
                    {"p", maybe(p.p)},
                    {"verdict", to_text(claim.verdict)},
                    {"mark", claim.mark()},
                    {"why", claim.why},
                    {"pairs", pairs_json(claim)},
                    {"plot", claim_plot({claim, studies, options.small, options.picture_bytes,
                                         options.artifacts})}});
  }
  return list;
}

}  // namespace vernier::reports
