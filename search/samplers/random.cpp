#include "search/samplers/random.h"

#include "core/rng.h"
#include "search/draws.h"
#include "search/options.h"

namespace vernier::search {
namespace {

class RandomSampler final : public Sampler {
 public:
  explicit RandomSampler(const SamplerContext& context)
      : space_(*context.space), seed_(context.seed), seen_(space_) {
    Options("sampler random", context.options).finish();
  }

  bool learns() const override { return false; }
  std::optional<Proposal> propose(const History& history) override {
    seen_.update(history);
    const int number = next_number(history);
    Rng rng({seed_, Stream::sampler, 1}, static_cast<std::uint32_t>(number));
    std::vector<double> unit(space_.size());
    auto config = first_new(space_, seen_, seed_, number, [&](std::uint32_t) {
      for (double& u : unit) u = rng.uniform();
      return space_.from_uniform(unit);
    });
    if (!config) return std::nullopt;
    return Proposal{std::move(*config), {}};
  }

 private:
  const Space& space_;
  std::uint64_t seed_;
  Seen seen_;
};

}  // namespace

std::unique_ptr<Sampler> make_random(const SamplerContext& context) {
  return std::make_unique<RandomSampler>(context);
}

}  // namespace vernier::search
