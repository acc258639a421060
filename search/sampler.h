// Picks configurations. One file per sampler under samplers/, one line in samplers.def.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/json.h"
#include "search/history.h"
#include "search/space.h"

namespace vernier::search {

struct Proposal {
  Config config;
  std::vector<double>
      fit;  // stored with the trial and handed back in Observation::fit after a restart
};

class Sampler {
 public:
  virtual ~Sampler() = default;
  /// The next configuration: never one already in `history`, constraints satisfied. nullopt: the space is exhausted.
  /// A function of space, options, seed and history alone (cached factors are rebuilt from Observation::fit by the same path).
  virtual std::optional<Proposal> propose(const History& history) = 0;
  /// False: results change nothing, so they need not be prepared for it.
  virtual bool learns() const { return true; }
};

/// What another study of the same objective found, as evidence: configurations of this space, and their values (minimised, finite).
struct EarlierStudy {
  std::vector<Config> configs;
  std::vector<double> values;
};

struct SamplerContext {
  const Space* space = nullptr;  // outlives the sampler
  std::uint64_t seed = 0;
  int budget = 0;  // planned trials; 0: unknown
  int objectives = 1;
  int limits = 0;  // on outcomes: margins in an observation; sampler gp learns them
  std::vector<EarlierStudy> earlier;  // sampler gp (warm_start.h); others refuse
  Json options = Json::
      object();  // {"type": "gp", "initial": 10}; unknown keys are a UsageError with the nearest
};

struct SamplerInfo {
  std::string name;
  std::string summary;               // one line for `vernier samplers`
  std::vector<std::string> options;  // "initial: trials before the model"
};

/// Throws UsageError for unknown names (with the nearest), unknown options, and where it cannot do what is asked (an unbounded
/// grid, several objectives, earlier studies).
std::unique_ptr<Sampler> make_sampler(const std::string& name, const SamplerContext& context);
std::span<const SamplerInfo> samplers();

}  // namespace vernier::search
