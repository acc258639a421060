#include "reports/analysis/claim_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "reports/html/wording.h"

namespace vernier::reports {

namespace {

std::string pairs_text(int n) { return fmt::format("{} {}", n, n == 1 ? "pair" : "pairs"); }

std::string where_text(const Claim& claim) {
  return claim.where.empty() ? "" : fmt::format(" where {}", claim.where);
}

/// Where an arm has no trial at all.
std::string without_arm(const Claim& claim, const std::string& value) {
  if (claim.over_studies && claim.arms == "device")
    return fmt::format("no trial{} ran on {}", where_text(claim), value);
  if (claim.over_studies && claim.arms == "study")
    return fmt::format("no trial of a study '{}' with this objective is here{}", value,
                       where_text(claim));
  if (claim.over_studies)
    return fmt::format("no study of {} {} with the same data, model and training is here{}",
                       claim.arms, value, where_text(claim));
  return fmt::format("no finished trial has {} {}{}", claim.arms, value, where_text(claim));
}

std::string without_pairs(const Claim& claim) {
  const ClaimArm &better = claim.better_arm, &than = claim.than_arm;
  if (better.lost + than.lost + claim.lost_both > 0) return "no pair has two values";
  if (claim.pair.empty())
    return fmt::format("no two trials differ in {} alone ({} and {})", claim.arms, claim.better,
                       claim.than);
  return fmt::format("no {} has trials of both {} and {}{}", claim.pair, claim.better, claim.than,
                     claim.others == Others::each ? " that agree in all else" : "");
}

std::string difference(const Claim& claim) {
  const Paired& p = claim.paired;
  const auto size = [&](double mean) {
    return fmt::format("{} in {} (95 %, {})", plus_minus(mean, *p.half_width), claim.metric,
                       pairs_text(p.n));
  };
  if (claim.within)
    return fmt::format("{} and {} differ by {}", claim.better, claim.than, size(p.mean));
  std::string text = fmt::format("{} is {} by {}", claim.better, p.mean >= 0 ? "better" : "worse",
                                 size(std::abs(p.mean)));
  if (p.p) {
    text += fmt::format(", sign-flip p = {}", format_number(*p.p, 3));
    if (claim.margin != 0) text += fmt::format(" against {}", format_number(claim.margin));
  }
  return text;
}

/// What the interval of width > 0 says, where it decides nothing.
std::string open_interval(const Claim& claim, bool withheld) {
  const Paired& p = claim.paired;
  if (withheld) return "";
  if (!(*p.half_width > 0))
    return p.n == 2 ? ": both pairs differ equally" : ": every pair lies on the limit itself";
  double distance = p.mean - claim.margin;
  std::string text;
  if (claim.within) {
    distance = *claim.within - std::abs(p.mean);
    text = fmt::format(": the interval is not wholly inside ±{}, nor outside",
                       format_number(*claim.within));
  } else {
    text = fmt::format(": the interval holds {}", format_number(claim.margin));
  }
  if (const auto n = pairs_to_decide(distance, *p.deviation))
    text += fmt::format("; about {} pairs would decide", *n);
  return text;
}

std::string decided(const Claim& claim) {
  const bool yes = claim.verdict == ClaimVerdict::supported;
  const std::string limit = format_number(claim.within.value_or(claim.margin));
  if (claim.within) return fmt::format(": {} ±{}", yes ? "inside" : "outside", limit);
  if (claim.margin == 0) return "";
  return fmt::format(": {}more than {}", yes ? "" : "not ", limit);
}

/// What the pairs do not show.
std::string missing(const Claim& claim, bool withheld) {
  std::string text;
  const auto lost = [&](int pairs, const std::string& who) {
    if (pairs > 0)
      text += fmt::format("; {} lost: no value of {} (failed, diverged or not measured)",
                          pairs_text(pairs), who);
  };
  lost(claim.better_arm.lost, claim.better);
  lost(claim.than_arm.lost, claim.than);
  lost(claim.lost_both, "either");
  if (withheld) text += ", which the pairs that are left cannot make good";
  const bool both = !claim.better_arm.trials.empty() && !claim.than_arm.trials.empty();
  if (both && claim.unpaired > 0)
    text += fmt::format("; {} with trials of one arm only", pairs_text(claim.unpaired));
  if (claim.unfinished > 0)
    text += fmt::format("; {} {} not ended", claim.unfinished,
                        claim.unfinished == 1 ? "trial has" : "trials have");
  return text;
}

}  // namespace

std::string how_compared(const ClaimSpec& claim) {
  std::string text = claim.pair.empty() ? "pairs of trials that differ in " + claim.arms + " alone"
                                        : "pairs by " + claim.pair;
  if (claim.others == Others::best) text += ", each arm at its best other settings";
  if (claim.others == Others::mean) text += ", the mean over other settings";
  if (claim.others == Others::each && !claim.pair.empty()) text += " and all other settings";
  for (const auto& [name, value] : claim.relative_to)
    text += fmt::format(", relative to {} {}", name, value);
  if (!claim.where.empty()) text += ", where " + claim.where;
  return text;
}

std::string reason(const Claim& claim, bool withheld) {
  const Paired& p = claim.paired;
  if (p.n == 0) {
    for (const bool better : {true, false}) {
      const ClaimArm& arm = better ? claim.better_arm : claim.than_arm;
      if (arm.trials.empty())
        return without_arm(claim, better ? claim.better : claim.than) + missing(claim, false);
    }
    return without_pairs(claim) + missing(claim, false);
  }
  if (!p.half_width)
    return fmt::format("one pair only: the difference in {} is {}", claim.metric,
                       format_number(p.mean, 3)) +
           missing(claim, false);
  const bool open = claim.verdict == ClaimVerdict::undecided;
  return difference(claim) + (open ? open_interval(claim, withheld) : decided(claim)) +
         missing(claim, withheld);
}

}  // namespace vernier::reports
