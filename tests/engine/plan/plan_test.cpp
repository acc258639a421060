#include "engine/plan/plan.h"

#include <doctest/doctest.h>

#include "core/rng.h"
#include "engine/models/registry.h"
#include "engine/plan/liveness.h"
#include "engine/plan/predict.h"
#include "tests/engine/engine_support.h"

using namespace vernier;
using namespace vernier::engine;

namespace {

Plan mlp_plan(int batch, PlanOptions options = {}) {
  ModelSettings model;
  model.widths = {256, 256};
  options.batch = batch;
  return make_plan(build_model(model, {784}, 10), options);
}

}  // namespace

TEST_CASE("values that live at the same time never share bytes, and the rest share well") {
  Rng rng({4, Stream::sampler, 0});
  for (int round = 0; round < 200; ++round) {
    std::vector<Lifetime> lives;
    std::vector<std::size_t> alive(30, 0);
    for (int i = 0; i < 20; ++i) {
      Lifetime life;
      life.bytes = 1 + rng.below(5000);
      life.first = static_cast<int>(rng.below(30));
      life.last =
          life.first + static_cast<int>(rng.below(static_cast<std::uint64_t>(30 - life.first)));
      for (int t = life.first; t <= life.last; ++t)
        alive[static_cast<std::size_t>(t)] += life.bytes;
      lives.push_back(life);
    }
    const Placement placed = place(lives);
    std::size_t sum = 0;
    for (std::size_t i = 0; i < lives.size(); ++i) {
      CHECK(placed.offsets[i] % arena_alignment == 0);
      CHECK(placed.offsets[i] + lives[i].bytes <= placed.bytes);
      sum += lives[i].bytes;
      for (std::size_t j = 0; j < i; ++j) {
        if (lives[i].last < lives[j].first || lives[j].last < lives[i].first) continue;
        const bool apart = placed.offsets[i] + lives[i].bytes <= placed.offsets[j] ||
                           placed.offsets[j] + lives[j].bytes <= placed.offsets[i];
        CHECK(apart);
      }
    }
    CHECK(placed.bytes >= *std::max_element(alive.begin(), alive.end()));
    CHECK(placed.bytes <= sum + lives.size() * arena_alignment);
  }
}

TEST_CASE("the plan of 784-256-256-10 has the known counts") {
  const Plan plan = mlp_plan(128);
  CHECK(plan.parameters == 269'322);
  // Forward 784x256 + 256x256 + 256x10, weight gradients the same, input gradients without the first.
  const double products = 2.0 * (784 * 256 + 256 * 256 + 256 * 10) + 256 * 256 + 256 * 10;
  CHECK(plan.flops == doctest::Approx(2 * 128 * products));
}

TEST_CASE("bytes are the sum of the regions, and grow by what each option holds") {
  const Plan plain = mlp_plan(32);
  const std::size_t weights = plain.parameter_floats * sizeof(float);
  PlanOptions options;
  options.optimizer_states = 2;
  CHECK(mlp_plan(32, options).bytes == plain.bytes + 2 * weights);
  options.average = true;
  CHECK(mlp_plan(32, options).bytes == plain.bytes + 3 * weights);
  options.keep_best = true;
  CHECK(mlp_plan(32, options).bytes == plain.bytes + 4 * weights);
  options.lanes = 3;
  CHECK(mlp_plan(32, options).bytes == 3 * (plain.bytes + 4 * weights));
  CHECK(plain.workspace.offset + plain.workspace.stride == plain.bytes);
}

TEST_CASE("predicted time grows with the work and falls with the rates") {
  const MachineRates rates{100, 20};
  CHECK(predict_update_us(mlp_plan(256), rates) > predict_update_us(mlp_plan(128), rates));
  CHECK(predict_update_us(mlp_plan(128), {200, 40}) < predict_update_us(mlp_plan(128), rates));
  CHECK(predict_update_us(mlp_plan(128), rates) > mlp_plan(128).flops / 100e3);
}
