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
    if (info.name == "layers")
      settings.layers = Json::parse(R"(["flatten", {"dense": 9}, "relu", {"dense": "classes"}])");
    const bool takes_images =
        info.name != "mlp" && info.name != "logistic" && info.name != "layers";
    settings.width_factor = takes_images ? 0.1 : 1;
    for (const Shape& input : {Shape{7}, Shape{28, 28, 1}, Shape{32, 32, 3}, Shape{96, 96, 3}}) {
      if (takes_images && input.size() != 3) {
        CHECK_THROWS_WITH_AS(build_model(settings, input, 5), doctest::Contains("square images"),
                             UsageError);
        continue;
      }
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

TEST_CASE("parameter counts of the named models are the published ones") {
  const auto parameters = [](const char* name, const Shape& input, int classes) {
    ModelSettings settings;
    settings.type = name;
    return summarize(build_model(settings, input, classes)).parameters;
  };
  const Shape mnist{28, 28, 1}, cifar{32, 32, 3}, imagenet{224, 224, 3};
  CHECK(parameters("lenet5", mnist, 10) == 61'706);
  CHECK(parameters("alexnet", imagenet, 1000) == 61'100'840);
  CHECK(parameters("vgg16", imagenet, 1000) == 138'357'544);
  CHECK(parameters("vgg19", imagenet, 1000) == 143'667'240);
  CHECK(parameters("inception", imagenet, 1000) == 6'998'552);
  CHECK(parameters("resnet20", cifar, 10) == 272'474);
  CHECK(parameters("plain20", cifar, 10) == 269'722);
  CHECK(parameters("resnet18", cifar, 10) == 11'173'962);
  CHECK(parameters("resnet18", imagenet, 1000) == 11'689'512);
  CHECK(parameters("wrn-28-10", cifar, 10) == 36'479'194);
  CHECK(parameters("wrn-16-4", cifar, 10) == 2'748'890);
  ModelSettings padded;
  padded.type = "resnet20";
  padded.shortcut = "pad";
  CHECK(summarize(build_model(padded, cifar, 10)).parameters == 269'722);
}

TEST_CASE("perceptrons: twice the width and twice the depth") {
  const auto perceptron = [](std::vector<int> widths) {
    ModelSettings settings;
    settings.widths = std::move(widths);
    return summarize(build_model(settings, {10}, 4));
  };
  const ModelSummary plain = perceptron({10, 10, 10});
  const ModelSummary wide = perceptron({20, 20, 20});
  const ModelSummary deep = perceptron({10, 10, 10, 10, 10, 10});
  CHECK(plain.weights == 340);
  CHECK(wide.weights == 1'080);
  CHECK(deep.weights == 640);
  CHECK(plain.parameters == 374);
  CHECK(wide.parameters == 1'144);
  CHECK(deep.parameters == 704);
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
