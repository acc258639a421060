#include "reports/analysis/claim.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "reports/analysis/claim_pairs.h"
#include "reports/analysis/claim_trials.h"
#include "reports/analysis/claim_words.h"

namespace vernier::reports {

namespace {

constexpr int kFewSeeds = 5;
/// Two equal differences come by chance where a metric has few values.
constexpr int kLeastEqualPairs = 3;

ClaimVerdict of_interval(const Claim& claim) {
  const Paired& p = claim.paired;
  if (!p.half_width || (!(*p.half_width > 0) && p.n < kLeastEqualPairs))
    return ClaimVerdict::undecided;
  const double low = p.mean - *p.half_width, high = p.mean + *p.half_width;
  const double least = claim.within ? -*claim.within : claim.margin;
  if (claim.within) {
    if (low > least && high < -least) return ClaimVerdict::supported;
    return low > -least || high < least ? ClaimVerdict::contradicted : ClaimVerdict::undecided;
  }
  if (low > least) return ClaimVerdict::supported;
  return high < least ? ClaimVerdict::contradicted : ClaimVerdict::undecided;
}

/// Pairs that an arm lost are no evidence for it: what it would have had there is not known.
bool lost_too_much(const Claim& claim, ClaimVerdict verdict) {
  const bool better = claim.better_arm.lost > 0, than = claim.than_arm.lost > 0;
  if (verdict == ClaimVerdict::supported) return better || (claim.within && than);
  return verdict == ClaimVerdict::contradicted && !claim.within && than;
}

void judge(const std::vector<StudyData>& studies, Claim& claim) {
  try {
    pair_rows(studies, claim_rows(studies, claim), claim);
  } catch (const UsageError& error) {
    claim.why = error.what();
    return;
  }
  const ClaimVerdict verdict = of_interval(claim);
  const bool withheld = lost_too_much(claim, verdict);
  if (!withheld) claim.verdict = verdict;
  claim.why = reason(claim, withheld);
}

/// The studies that a claim is about, which `makers` make.
std::vector<std::size_t> studies_of(const std::vector<StudyData>& studies, const ClaimSpec& claim,
                                    const std::vector<std::size_t>& makers) {
  if (!claim.over_studies) return makers;
  const auto suits = [&](const StudyData& data, std::size_t maker) {
    const StudyData& own = studies[maker];
    return data.objective == own.objective && data.maximize == own.maximize &&
           (claim.arms == "study" || what_is_trained(data) == what_is_trained(own));
  };
  std::vector<std::size_t> list;
  for (std::size_t s = 0; s < studies.size(); ++s)
    if (std::any_of(makers.begin(), makers.end(),
                    [&](std::size_t maker) { return suits(studies[s], maker); }))
      list.push_back(s);
  return list;
}

}  // namespace

std::string to_text(ClaimVerdict verdict) {
  switch (verdict) {
    case ClaimVerdict::supported:
      return "supported";
    case ClaimVerdict::contradicted:
      return "contradicted";
    default:
      return "undecided";
  }
}

bool Claim::few() const { return seeds > 0 && seeds < kFewSeeds; }

std::string Claim::mark() const {
  if (!few()) return "";
  return fmt::format("few {} ({})", pair.empty() ? "pairs" : "seeds", seeds);
}

std::vector<Claim> judge_claims(const std::vector<StudyData>& studies) {
  std::vector<Claim> claims;
  std::vector<std::vector<std::size_t>> makers;
  for (std::size_t s = 0; s < studies.size(); ++s) {
    for (ClaimSpec& spec : claims_of(studies[s])) {
      std::size_t same = claims.size();
      for (std::size_t i = 0; spec.over_studies && i < claims.size(); ++i)
        if (static_cast<const ClaimSpec&>(claims[i]) == spec) same = i;
      if (same < claims.size()) {
        makers[same].push_back(s);
        continue;
      }
      Claim& claim = claims.emplace_back();
      static_cast<ClaimSpec&>(claim) = std::move(spec);
      claim.study = s;
      makers.push_back({s});
    }
  }
  for (std::size_t i = 0; i < claims.size(); ++i) {
    claims[i].studies = studies_of(studies, claims[i], makers[i]);
    judge(studies, claims[i]);
  }
  return claims;
}

}  // namespace vernier::reports
