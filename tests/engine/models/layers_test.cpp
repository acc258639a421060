#include "engine/models/layers.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/error.h"
#include "engine/ir/graph.h"
#include "engine/models/registry.h"
#include "engine/settings.h"

using namespace vernier;
using namespace vernier::engine;

namespace {

ModelSettings listed(const Json& layers) {
  ModelSettings settings;
  settings.type = "layers";
  settings.layers = layers;
  return settings;
}
ModelSettings listed(const char* text) { return listed(Json::parse(text)); }

/// As in the study file of the documentation.
const char* example = R"([
  {"conv": {"name": "c1", "filters": 32, "kernel": 3, "padding": "same"}}, "batch_norm", "relu",
  {"max_pool": 2},
  {"repeat": {"name": "blocks", "times": 2, "layers": [
    {"residual": [{"conv": {"filters": 32, "kernel": 3, "padding": "same"}}, "relu",
                  {"conv": {"filters": 32, "kernel": 3, "padding": "same"}}]}]}},
  "flatten", {"dense": 128}, {"dropout": 0.5}, {"dense": "classes"}])";

std::vector<const Layer*> flat(const Architecture& net) {
  std::vector<const Layer*> layers;
  each_layer(net.layers, [&](const Layer& layer) { layers.push_back(&layer); });
  return layers;
}

std::vector<std::string> names(const Architecture& net) {
  std::vector<std::string> list;
  for (const Layer* layer : flat(net)) list.push_back(layer->name);
  return list;
}

/// Convolutions and dense layers, in order.
std::vector<InitRule> rules(const Architecture& net) {
  std::vector<InitRule> list;
  for (const Layer* layer : flat(net)) {
    if (const auto* conv = std::get_if<Conv2dLayer>(&layer->kind)) list.push_back(conv->weights);
    if (const auto* dense = std::get_if<DenseLayer>(&layer->kind)) list.push_back(dense->weights);
  }
  return list;
}

void check_same_network(const Architecture& a, const Architecture& b) {
  const ModelSummary one = summarize(a), other = summarize(b);
  CHECK(one.parameters == other.parameters);
  CHECK(one.weights == other.weights);
  CHECK(one.flops == other.flops);
  const auto left = rules(a), right = rules(b);
  REQUIRE(left.size() == right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    CAPTURE(i);
    CHECK(left[i].kind == right[i].kind);
    CHECK(left[i].scale == right[i].scale);
  }
}

std::string refusal(const Json& layers, const Shape& input = {28, 28, 1}) {
  try {
    check_layers(layers);
    (void)build_model(listed(layers), input, 10);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a list of layers becomes the network it says") {
  const Architecture net = build_model(listed(example), {28, 28, 1}, 10);
  CHECK(names(net) == std::vector<std::string>{"c1", "batch_norm1", "relu1", "max_pool1",
                                               "blocks1.residual1", "blocks1.residual1.conv1",
                                               "blocks1.residual1.relu2", "blocks1.residual1.conv2",
                                               "blocks2.residual1", "blocks2.residual1.conv1",
                                               "blocks2.residual1.relu2", "blocks2.residual1.conv2",
                                               "flatten1", "dense1", "dropout1", "dense2"});
  // no bias under batch norm; 3 x 3 x 32 x 32 + 32 in each convolution of the blocks; 14 x 14 x 32 inputs of dense1
  CHECK(summarize(net).parameters ==
        9 * 32 + 2 * 32 + 4 * (9 * 32 * 32 + 32) + (14 * 14 * 32 * 128 + 128) + (128 * 10 + 10));
  CHECK(build_graph(net).outputs != no_tensor);
  CHECK(summarize(build_model(listed(example), {28, 28, 1}, 7)).parameters ==
        summarize(net).parameters - 3 * 129);
}

TEST_CASE("lenet5 and a perceptron as lists draw the weights of the named models") {
  ModelSettings lenet;
  lenet.type = "lenet5";
  check_same_network(
      build_model(
          listed(R"([{"conv": {"filters": 6, "kernel": 5, "padding": 2}}, "relu", {"max_pool": 2},
                             {"conv": {"filters": 16, "kernel": 5}}, "relu", {"max_pool": 2}, "flatten",
                             {"dense": 120}, "relu", {"dense": 84}, "relu", {"dense": "classes"}])"),
          {28, 28, 1}, 10),
      build_model(lenet, {28, 28, 1}, 10));
  ModelSettings mlp;
  mlp.activation = "tanh";
  mlp.width = 17;
  mlp.dropout = 0.1;
  check_same_network(
      build_model(listed(R"(["flatten", {"dense": 17}, "tanh", {"dropout": 0.1}, {"dense": 17},
                                            {"activation": "tanh"}, {"dense": "classes"}])"),
                  {5, 5, 1}, 3),
      build_model(mlp, {5, 5, 1}, 3));
}

TEST_CASE("resnet20 as a list has its 272,474 parameters and its initial weights") {
  Json list = Json::parse(
      R"([{"conv": {"filters": 16, "kernel": 3, "padding": "same"}}, "batch_norm", "relu"])");
  for (int stage = 0; stage < 3; ++stage) {
    const auto block = [&](int stride) {
      const Json first{
          {"conv",
           Json{{"filters", 16 << stage}, {"kernel", 3}, {"padding", "same"}, {"stride", stride}}}};
      const Json second{
          {"conv", Json{{"filters", 16 << stage}, {"kernel", 3}, {"padding", "same"}}}};
      return Json{{"residual", Json::array({first, "batch_norm", "relu", second, "batch_norm"})}};
    };
    list.push_back(block(stage == 0 ? 1 : 2));
    list.push_back("relu");
    list.push_back(
        Json{{"repeat", Json{{"times", 2}, {"layers", Json::array({block(1), "relu"})}}}});
  }
  list.push_back("global_avg_pool");
  list.push_back(Json{{"dense", "classes"}});
  const Architecture net = build_model(listed(list), {32, 32, 3}, 10);
  CHECK(summarize(net).parameters == 272'474);
  ModelSettings resnet;
  resnet.type = "resnet20";
  check_same_network(net, build_model(resnet, {32, 32, 3}, 10));
  // zeros for new channels in place of a projection: two convolutions and batch norms fewer
  for (Json& layer : list)
    if (layer.is_object() && layer.contains("residual"))
      layer["residual"] = Json{{"layers", layer["residual"]}, {"shortcut", "pad"}};
  CHECK(summarize(build_model(listed(list), {32, 32, 3}, 10)).parameters == 269'722);
}

TEST_CASE("branches lie side by side, and a sum of units is projected by a dense layer") {
  const Architecture net =
      build_model(listed(R"([{"branches": [[{"conv": {"filters": 3, "kernel": 1}}], [],
                               [{"max_pool": {"kernel": 3, "stride": 1, "padding": "same"}}]]},
                 "global_avg_pool", {"residual": {"name": "sum", "layers": [{"dense": 4}]}},
                 {"dense": "classes"}])"),
                  {6, 6, 2}, 5);
  const ModelSummary summary = summarize(net);
  const auto row = [&](const std::string& name) {
    for (const LayerInfo& info : summary.layers)
      if (info.name == name) return info;
    FAIL("no layer " << name);
    return LayerInfo{};
  };
  CHECK(row("branches1").output == "(6, 6, 7)");
  CHECK(row("sum.shortcut").parameters == 7 * 4);
  CHECK(row("sum").output == "(4)");
}

TEST_CASE(
    "a layer that does not fit is named with its place, the shape it gets and the one it needs") {
  CHECK(
      refusal(Json::parse(R"([{"dense": {"name": "d", "units": "classes"}}])")) ==
      "[model.layers.0.dense] layer 'd' gets an input of shape (28, 28, 1); expected (units): put "
      "a flatten or global pooling layer before it");
  CHECK(refusal(Json::parse(R"([{"conv": {"filters": 4, "kernel": 3}}])"), {13}) ==
        "[model.layers.0.conv] layer 'conv1' gets an input of shape (13); expected (height, width, "
        "channels)");
  CHECK(
      refusal(Json::parse(
          R"(["relu", {"residual": ["relu", {"conv": {"name": "c1", "filters": 2, "kernel": 31}}]}])")) ==
      "[model.layers.1.residual.1.conv] layer 'residual1.c1' gets an input of shape (28, 28, 1); "
      "expected height and width of at least 31 x 31, its window without the padding");
  const std::string sum = refusal(Json::parse(
      R"([{"residual": {"layers": [{"conv": {"filters": 2, "kernel": 3, "padding": "same"}}], "shortcut": "identity"}}])"));
  CHECK(sum.starts_with(
      "[model.layers.0.residual] layer 'residual1' adds a body of shape (28, 28, 2) and a "
      "shortcut of shape (28, 28, 1)"));
  CHECK(refusal(Json::parse(R"([{"conv": {"filters": 6, "kernel": 1, "groups": 4}}])"), {8, 8, 6})
            .starts_with("[model.layers.0.conv] layer 'conv1' has 4 groups of 6 inputs"));
  CHECK(
      refusal(Json::parse(R"(["flatten", {"dense": 11}])")) ==
      "[model.layers.1.dense] layer 'dense1' ends the network with shape (11); expected (10): end "
      "with {dense: classes}");
  CHECK(refusal(Json::parse(R"([{"branches": [[{"max_pool": 2}], []]}])"))
            .find("joins images of 14 x 14 and 28 x 28") != std::string::npos);
  CHECK(refusal(Json::parse(R"(["flatten", {"dense": 10}, "softmax"])")) ==
        "[model.layers.2] layer 'softmax1' ends the network; expected {dense: classes} last (the "
        "loss applies its own softmax)");
  CHECK(refusal(Json::parse(R"([{"conv": {"filters": 10, "kernel": 1}}, "global_avg_pool"])"))
            .find("ends the network") != std::string::npos);
}

TEST_CASE("what no list may say is refused with its place and what was expected") {
  const std::pair<const char*, const char*> cases[] = {
      {R"({})", "[model.layers] found {}; expected a list"},
      {R"([])", "expected a list of layers"},
      {R"([3])", "[model.layers.0] found 3; expected one layer"},
      {R"([{"conv": {}, "relu": {}}])", "[model.layers.0] found"},
      {R"(["rleu"])", "[model.layers.0] unknown layer 'rleu'; did you mean 'relu'?"},
      {R"([{"convv": 3}])", "did you mean 'conv'?"},
      {R"([{"conv": {"filter": 3, "kernel": 3}}])",
       "[model.layers.0.conv.filter] unknown key; did you mean 'filters'?"},
      {R"([{"conv": {"filters": 3}}])", "[model.layers.0.conv] 'conv' has no kernel"},
      {R"([{"conv": 3}])", "expected a section with filters and kernel"},
      {R"([{"conv": {"filters": 0, "kernel": 3}}])", "[model.layers.0.conv.filters] found 0"},
      {R"([{"conv": {"filters": 3, "kernel": 3, "padding": "some"}}])",
       "expected same, valid or a whole number"},
      {R"([{"conv": {"filters": 3, "kernel": 1, "init": "blur"}}])", "[model.layers.0.conv.init]"},
      {R"([{"conv": {"filters": 3, "kernel": 3, "init": [[1, 2], [3, 4]]}}])",
       "three rows of three numbers"},
      {R"([{"dense": {"units": 3, "init": "blur"}}])", "[model.layers.0.dense.init] unknown name"},
      {R"([{"dense": "clases"}])", "expected a whole number, or classes"},
      {R"([{"dropout": 1}])", "[model.layers.0.dropout.rate] found 1"},
      {R"([{"relu": 3}])", "[model.layers.0.relu] found 3; expected no setting"},
      {R"([{"relu": {"type": "tanh"}}])", "[model.layers.0.relu.type] unknown key"},
      {R"([{"activation": "threshold"}])", "unknown name 'threshold'"},
      {R"([{"relu": {"name": "a"}}, {"tanh": {"name": "a"}}])", "'a' names two layers"},
      {R"([{"relu": {"name": "7"}}])", "not digits alone"},
      {R"([{"relu": {"name": "a.b"}}])", "expected 1 to 60 letters"},
      {R"([{"repeat": {"times": 2, "layers": []}}])", "a list of at least one layer"},
      {R"([{"repeat": {"times": -1, "layers": ["relu"]}}])", "[model.layers.0.repeat.times]"},
      {R"([{"residual": {"layers": ["relu"], "shortcut": "con"}}])", "did you mean 'conv'?"},
      {R"([{"branches": []}])", "expected a list of 1 to 64 lists"},
      {R"([{"repeat": {"times": 1000, "layers": [{"repeat": {"times": 1000, "layers": ["relu"]}}]}}])",
       "more than 2000 layers"},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK_MESSAGE(refusal(Json::parse(text)).find(expected) != std::string::npos,
                  refusal(Json::parse(text)));
  }
  Json deep = "relu";
  for (int i = 0; i < 40; ++i) deep = Json{{"residual", Json::array({deep})}};
  CHECK(refusal(Json::array({deep})).find("inside more than 16 others") != std::string::npos);
  Json wide = Json::array();
  for (int i = 0; i < 1001; ++i) wide.push_back("relu");
  CHECK(refusal(wide).find("more than 1000 layers") != std::string::npos);
}

TEST_CASE("every setting has a name by which it is read and set") {
  const Json list = Json::parse(example);
  const auto all = layer_setting_names(list);
  for (const char* name : {"c1.filters", "0.filters", "blocks.times", "4.times", "conv1.kernel",
                           "4.0.0.kernel", "relu1.type", "dense1.units", "dropout1.rate"}) {
    CAPTURE(name);
    CHECK(std::find(all.begin(), all.end(), name) != all.end());
  }
  CHECK(layer_setting(list, "c1.filters") == 32);
  CHECK(layer_setting(list, "4.0.0.filters") == 32);
  CHECK(layer_setting(list, "dense1.units") == 128);
  CHECK(layer_setting(list, "relu1.type") == "relu");
  CHECK(layer_setting(list, "c1.stride").is_null());
  // whatever is set is read back under both of its names, and nothing else changes
  for (const std::string& name : all) {
    CAPTURE(name);
    Json changed = list;
    const std::string place = set_layer_setting(changed, name, 7);
    CHECK(layer_setting(changed, name) == 7);
    CHECK(!place.empty());
    CHECK(layer_setting_names(changed) == all);
    for (const std::string& other : all) {
      const std::string key = other.substr(other.rfind('.'));
      if (key == name.substr(name.rfind('.'))) continue;
      CHECK(layer_setting(changed, other) == layer_setting(list, other));
    }
  }
  Json changed = list;
  CHECK(set_layer_setting(changed, "c1.filters", 8) == "0.conv.filters");
  CHECK(set_layer_setting(changed, "blocks.times", 0) == "4.repeat.times");
  CHECK(set_layer_setting(changed, "dense1.units", 16) == "6.dense.units");
  CHECK(set_layer_setting(changed, "relu1.type", "tanh") == "2.activation.type");
  CHECK(summarize(build_model(listed(changed), {28, 28, 1}, 10)).parameters ==
        9 * 8 + 2 * 8 + (14 * 14 * 8 * 16 + 16) + (16 * 10 + 10));
  CHECK_THROWS_WITH_AS(set_layer_setting(changed, "c1.filtres", 8),
                       doctest::Contains("did you mean 'c1.filters'?"), UsageError);
  CHECK_THROWS_AS(set_layer_setting(changed, "c1", 8), UsageError);
}

TEST_CASE("networks that differ in a pool or an activation tell themselves apart") {
  const auto text = [](const char* layer) {
    const Json list = Json::array({Json::parse(layer), "flatten", Json{{"dense", "classes"}}});
    return to_text(build_model(listed(list), {8, 8, 1}, 3));
  };
  CHECK(text(R"({"max_pool": 2})") !=
        text(R"({"max_pool": {"kernel": 3, "stride": 2, "padding": 1}})"));
  CHECK(text(R"({"max_pool": {"name": "p", "kernel": 2}})") !=
        text(R"({"avg_pool": {"name": "p", "kernel": 2}})"));
  CHECK(text(R"({"relu": {"name": "a"}})") != text(R"({"tanh": {"name": "a"}})"));
  CHECK(text(R"({"relu": {"name": "leaky_relu9"}})") !=
        text(R"({"leaky_relu": {"name": "leaky_relu9"}})"));
}

TEST_CASE("settings of the other models do not reach a list, init, gain and bias do") {
  const char* text =
      R"(["flatten", {"dense": 3}, {"dense": {"units": "classes", "bias": true, "gain": 3, "init": "he"}}])";
  ModelSettings settings = listed(text);
  settings.bias = false;
  settings.init = "constant";
  settings.gain = 0.25;
  const Architecture net = build_model(settings, {4}, 2);
  CHECK(summarize(net).parameters == 4 * 3 + 3 * 2 + 2);
  CHECK(rules(net)[0].scale == 0.25);
  CHECK(rules(net)[1].scale == doctest::Approx(3 / std::sqrt(3.0)));
}

TEST_CASE("a convolution starts as an image filter, by name or as nine numbers") {
  const Architecture net = build_model(
      listed(R"([{"conv": {"filters": 2, "kernel": 5, "init": "edge", "gain": 3}}, "relu",
                 {"conv": {"filters": 4, "kernel": 3, "groups": 2, "init": [[0, 1, 0], [2, 3, 4], [0, 5, 0]]}},
                 "flatten", {"dense": "classes"}])"),
      {9, 9, 3}, 2);
  const auto found = rules(net);
  CHECK(found[0].kind == InitRule::Kind::kernel);
  CHECK(found[0].scale == 1.0);  // gain over the three inputs
  CHECK(found[0].kernel == *hand_kernel_from_name("edge"));
  CHECK(found[0].shape.height == 5);
  CHECK(found[1].scale == 1.0);  // one input in each group
  CHECK(found[1].kernel == HandKernel{0, 1, 0, 2, 3, 4, 0, 5, 0});
  CHECK(found[2].kind != InitRule::Kind::kernel);
}
