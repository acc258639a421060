#include "search/samplers/sobol.h"

#include "core/rng.h"
#include "search/options.h"

namespace vernier::search {
namespace {

constexpr std::uint32_t sequences =
    16;  // further draws of a trial are random: they only help where much is forbidden

class SobolSampler final : public Sampler {
 public:
  explicit SobolSampler(const SamplerContext& context)
      : draws_(*context.space, context.seed), seen_(*context.space) {
    Options("sampler sobol", context.options).finish();
  }

  bool learns() const override { return false; }
  std::optional<Proposal> propose(const History& history) override {
    seen_.update(history);
    auto config = draws_.propose(next_number(history), seen_);
    if (!config) return std::nullopt;
    return Proposal{std::move(*config), {}};
  }

 private:
  SobolDraws draws_;
  Seen seen_;
};

}  // namespace

SobolDraws::SobolDraws(const Space& space, std::uint64_t seed) : space_(&space), seed_(seed) {}

std::optional<Config> SobolDraws::propose(int number, const Seen& seen) {
  Rng rng({seed_, Stream::sampler, 3}, static_cast<std::uint32_t>(number));
  std::vector<double> unit(space_->size());
  return first_new(*space_, seen, seed_, number, [&](std::uint32_t j) {
    if (j < sequences) {
      while (sequences_.size() <= j) {
        const Philox4 bits = random_block({seed_, Stream::sampler, 4}, 0, sequences_.size());
        sequences_.emplace_back(space_->size(), std::uint64_t{bits.v[0]} << 32 | bits.v[1]);
      }
      sequences_[j].point(static_cast<std::uint32_t>(number - 1), unit);
    } else {
      for (double& u : unit) u = rng.uniform();
    }
    return space_->from_uniform(unit);
  });
}

std::unique_ptr<Sampler> make_sobol(const SamplerContext& context) {
  return std::make_unique<SobolSampler>(context);
}

}  // namespace vernier::search
