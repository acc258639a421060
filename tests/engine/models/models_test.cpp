#include <doctest/doctest.h>

#include "core/error.h"
#include "engine/ir/graph.h"
#include "engine/models/registry.h"

using namespace vernier;
using namespace vernier::engine;

TEST_CASE("every registered model builds, lowers and ends in the outputs asked for") {
  REQUIRE(!models().empty());
  for (const ModelInfo& info : models()) {
    CAPTURE(info.name);
    CHECK(!info.summary.empty());
    ModelSettings settings;
    settings.type = info.name;
    for (const Shape& input : {Shape{7}, Shape{28, 28, 1}}) {
      const Architecture net = build_model(settings, input, 5);
      const Graph graph = build_graph(net);
      CHECK(graph.tensors[static_cast<std::size_t>(graph.outputs)].shape == Shape{5});
      CHECK(net.model == info.name);
    }
  }
}

TEST_CASE("parameter counts are the known ones") {
  ModelSettings mlp;
  mlp.widths = {256, 256};
  CHECK(summarize(build_model(mlp, {784}, 10)).parameters == 269'322);
  mlp.widths.clear();
  mlp.depth = 3;
  mlp.width = 64;
  CHECK(summarize(build_model(mlp, {28, 28, 1}, 10)).parameters ==
        784 * 64 + 64 + 2 * (64 * 64 + 64) + 64 * 10 + 10);
  mlp.batch_norm = true;
  mlp.bias = false;
  CHECK(summarize(build_model(mlp, {28, 28, 1}, 10)).parameters ==
        784 * 64 + 2 * 64 * 64 + 3 * 2 * 64 + 64 * 10);
  ModelSettings logistic;
  logistic.type = "logistic";
  const ModelSummary summary = summarize(build_model(logistic, {784}, 10));
  CHECK(summary.parameters == 7'850);
  CHECK(summary.weights == 7'840);
  CHECK(summary.flops == 2 * 7'840);
  CHECK(summary.bytes == 4 * 7'850);
}

TEST_CASE("wrong names and sizes are refused with what was expected") {
  ModelSettings settings;
  settings.type = "mpl";
  CHECK_THROWS_WITH_AS(build_model(settings, {4}, 2), doctest::Contains("did you mean 'mlp'"),
                       UsageError);
  const auto refused = [](auto change, const char* text) {
    ModelSettings wrong;
    change(wrong);
    CHECK_THROWS_WITH_AS(build_model(wrong, {4}, 2), doctest::Contains(text), UsageError);
  };
  refused([](auto& s) { s.activation = "rleu"; }, "[model.activation]");
  refused([](auto& s) { s.activation = "threshold"; }, "inference only");
  refused([](auto& s) { s.init = "xavier"; }, "[model.init]");
  refused([](auto& s) { s.depth = -1; }, "[model.depth]");
  refused([](auto& s) { s.widths = {3, 0}; }, "[model.width]");
  refused([](auto& s) { s.dropout = 1; }, "[model.dropout]");
}
