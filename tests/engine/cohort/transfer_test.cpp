#include "engine/cohort/transfer.h"

#include <doctest/doctest.h>

#include <map>

#include "core/error.h"
#include "engine/cohort/checkpoint.h"
#include "engine/cohort/cpu_cohort.h"
#include "engine/models/registry.h"
#include "tests/engine/engine_support.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::testing;

namespace {

const std::atomic<bool> go{false};  // never cancelled

TrialSettings settings_of(std::uint64_t seed) {
  TrialSettings s;
  s.model.type = "layers";
  s.model.layers = Json::parse(
      R"(["flatten", {"dense": {"name": "d1", "units": 9}}, {"batch_norm": {"name": "n1"}}, "tanh",
          {"repeat": {"name": "blocks", "times": 2, "layers": [{"dense": {"name": "d2", "units": 9}}, "relu"]}},
          {"dense": {"name": "out", "units": "classes"}}])");
  s.train.batch_size = 8;
  s.train.epochs = 4;
  s.train.lr = 0.02;
  s.train.clip_norm = 1.5;
  s.train.weight_decay = 0.01;
  s.seed = seed;
  return s;
}

std::shared_ptr<const Dataset> data_of(int classes) {
  return std::make_shared<const Dataset>(noise_data(21, 6, classes, classes));
}

using Tensors = std::map<std::string, std::vector<float>>;

/// Weights and running statistics of a lane.
Tensors tensors(const Cohort& cohort, int lane, const TrialSettings& s, int classes) {
  const Checkpoint saved = cohort.save(lane);
  const CheckpointReader reader(saved.bytes);
  Tensors all;
  const Graph graph = build_graph(build_model(s.model, {6}, classes));
  for (const Tensor& tensor : graph.tensors) {
    if (tensor.role == Role::value) continue;
    auto& values = all[tensor.name];
    values.resize(elements(tensor.shape));
    reader.read("weights/" + tensor.name, values, {tensor.shape.begin(), tensor.shape.end()});
  }
  return all;
}

/// A trained one's best weights, to start with.
Checkpoint trained(const TrialSettings& s, int classes) {
  CpuCohort cohort(s, data_of(classes), "cpu-test");
  const int lane = cohort.admit(s, nullptr);
  for (int i = 0; i < 4; ++i) (void)cohort.advance(go, {});
  Checkpoint best = cohort.save_best(lane);
  best.start = true;
  return best;
}

}  // namespace

TEST_CASE("a training starts with the weights of another, at step 0") {
  TrialSettings s = settings_of(5);
  const Checkpoint from = trained(s, 3);
  s.seed = 77;
  CpuCohort cohort(s, data_of(3), "cpu-test");
  const int lane = cohort.admit(s, &from);
  Checkpoint weights = from;
  weights.start = false;
  CpuCohort same(s, data_of(3), "cpu-test");
  CHECK(cohort.weights_hash(lane) == same.weights_hash(same.admit(s, &weights)));
  const auto rows = cohort.advance(go, {});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].step == 1);
}

TEST_CASE(
    "frozen layers keep their bits, statistics too; the others learn, and go on exactly from a "
    "checkpoint") {
  for (const char* optimizer : {"adam", "sgd", "adamw", "nesterov"}) {
    CAPTURE(optimizer);
    TrialSettings s = settings_of(6);
    s.train.optimizer = optimizer;
    s.train.ema = 0.9;
    s.train.freeze = {"d1", "n*", "blocks1"};
    CpuCohort cohort(s, data_of(3), "cpu-test");
    const int lane = cohort.admit(s, nullptr);
    const Tensors before = tensors(cohort, lane, s, 3);
    (void)cohort.advance(go, {});
    const Checkpoint middle = cohort.save(lane);
    (void)cohort.advance(go, {});
    const Tensors after = tensors(cohort, lane, s, 3);
    REQUIRE(before.size() == after.size());
    for (const auto& [name, values] : before) {
      CAPTURE(name);
      const bool frozen =
          name.starts_with("d1") || name.starts_with("n1") || name.starts_with("blocks1");
      CHECK((values == after.at(name)) == frozen);
    }
    CpuCohort again(s, data_of(3), "cpu-test");
    const int resumed = again.admit(s, &middle);
    (void)again.advance(go, {});
    CHECK(again.weights_hash(resumed) == cohort.weights_hash(lane));
  }
}

TEST_CASE("gradients of frozen layers count neither in the norm nor in clipping") {
  TrialSettings s = settings_of(8);
  s.train.optimizer = "sgd";
  s.train.clip_norm = 0;
  CpuCohort all(s, data_of(3), "cpu-test");
  (void)all.admit(s, nullptr);
  s.train.freeze = {"d1"};
  CpuCohort part(s, data_of(3), "cpu-test");
  (void)part.admit(s, nullptr);
  CHECK(metric(part.advance(go, {}).front(), "grad_norm") <
        metric(all.advance(go, {}).front(), "grad_norm"));
}

TEST_CASE("a new head is drawn anew, for other classes too") {
  const TrialSettings source = settings_of(5);
  const Checkpoint from = trained(source, 3);
  TrialSettings s = source;
  s.train.new_head = true;
  CpuCohort fresh(s, data_of(5), "cpu-test");
  const Tensors drawn = tensors(fresh, fresh.admit(s, nullptr), s, 5);
  CpuCohort cohort(s, data_of(5), "cpu-test");
  const Tensors started = tensors(cohort, cohort.admit(s, &from), s, 5);
  CpuCohort old(source, data_of(3), "cpu-test");
  const Tensors before = tensors(old, old.admit(source, &from), source, 3);
  for (const auto& [name, values] : started) {
    CAPTURE(name);
    CHECK(values == (name.starts_with("out") ? drawn.at(name) : before.at(name)));
  }
  s.train.new_head = false;
  CpuCohort wrong(s, data_of(5), "cpu-test");
  CHECK_THROWS_WITH_AS(wrong.admit(s, &from),
                       doctest::Contains("[train.from] no 'out.weight' of shape (9, 5)"),
                       UsageError);
}

TEST_CASE("patterns mean layers by name, by a part of it, and refuse to mean none or all") {
  const Architecture net = build_model(settings_of(1).model, {6}, 3);
  using Names = std::vector<std::string>;
  CHECK(frozen_layers(net, {}).empty());
  CHECK(frozen_layers(net, {"d1"}) == Names{"d1"});
  CHECK(frozen_layers(net, {"d2"}) == Names{"blocks1.d2", "blocks2.d2"});
  CHECK(frozen_layers(net, {"blocks2"}) == Names{"blocks2.d2"});
  CHECK(frozen_layers(net, {"blocks*", "d1"}) == Names{"blocks1.d2", "blocks2.d2", "d1"});
  CHECK(head_layer(net) == "out");
  CHECK(layer_of("blocks1.d2.weight") == "blocks1.d2");
  CHECK_THROWS_WITH_AS(frozen_layers(net, {"d3"}),
                       doctest::Contains("[train.freeze] 'd3' means no layer"), UsageError);
  CHECK_THROWS_WITH_AS(frozen_layers(net, {"tanh1"}), doctest::Contains("no layer with weights"),
                       UsageError);
  CHECK_THROWS_WITH_AS(frozen_layers(net, {"*"}), doctest::Contains("every layer"), UsageError);
}
