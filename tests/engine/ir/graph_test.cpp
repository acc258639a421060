#include "engine/ir/graph.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/error.h"
#include "tests/engine/engine_support.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::testing;

namespace {

std::vector<OpKind> kinds(const std::vector<Op>& ops) {
  std::vector<OpKind> result;
  for (const Op& op : ops) result.push_back(op.kind);
  return result;
}

Architecture net(std::vector<Layer> layers, Shape input = {8}) {
  return {"test", std::move(input), std::move(layers)};
}

}  // namespace

TEST_CASE("an activation after dense is part of it, and the first layer gets no input gradient") {
  const Graph g =
      build_graph(net({dense("a", 5), {"r", ActivationLayer{Activation::relu}}, dense("b", 3)}));
  CHECK(kinds(g.forward) == std::vector{OpKind::dense, OpKind::dense, OpKind::loss});
  CHECK(g.forward[0].activation == Activation::relu);
  CHECK(g.forward[0].saved == no_tensor);
  CHECK(kinds(g.backward) == std::vector{OpKind::activate_gradient, OpKind::dense_input_gradient,
                                         OpKind::dense_weight_gradient, OpKind::activate_gradient,
                                         OpKind::dense_weight_gradient});
}

TEST_CASE("gelu keeps its input, the others do not") {
  for (const ActivationInfo& info : activation_table) {
    const Graph g =
        build_graph(net({dense("a", 5), {"act", ActivationLayer{info.id}}, dense("b", 3)}));
    CHECK((g.forward[0].saved != no_tensor) == (info.id == Activation::gelu));
  }
}

TEST_CASE(
    "dropout is in place exactly where the slope before it does not change; of rate 0 it "
    "vanishes") {
  for (const auto& [act, in_place] : {std::pair{Activation::relu, true},
                                      {Activation::leaky_relu, true},
                                      {Activation::tanh, false}}) {
    const Graph g = build_graph(net({dense("a", 5),
                                     {"act", ActivationLayer{act}},
                                     {"d", DropoutLayer{0.5, 1}},
                                     dense("b", 3)}));
    REQUIRE(g.forward[1].kind == OpKind::dropout);
    CHECK((g.forward[1].x == g.forward[1].y) == in_place);
  }
  const Graph none = build_graph(net({dense("a", 5), {"d", DropoutLayer{0, 1}}, dense("b", 3)}));
  CHECK(kinds(none.forward) == std::vector{OpKind::dense, OpKind::dense, OpKind::loss});
}

TEST_CASE("parameters are numbered in order; batch norm has running statistics") {
  const Graph g = build_graph(
      net({{"f", FlattenLayer{}}, dense("a", 5), {"n", BatchNormLayer{}}, dense("b", 3, false)},
          {2, 2, 2}));
  std::vector<std::string> names;
  std::size_t statistics = 0;
  for (const Tensor& t : g.tensors) {
    if (t.role == Role::parameter) {
      CHECK(t.number == names.size());
      names.push_back(t.name);
    }
    statistics += t.role == Role::statistic;
  }
  CHECK(names == std::vector<std::string>{"a.weight", "a.bias", "n.gain", "n.shift", "b.weight"});
  CHECK(statistics == 2);
}

TEST_CASE("every kind of forward operation that has one gets its backward operation") {
  const Graph g = build_graph(net({dense("a", 5),
                                   {"n", BatchNormLayer{}},
                                   {"s", SoftmaxLayer{}},
                                   {"d", DropoutLayer{0.5, 0}},
                                   {"g", ActivationLayer{Activation::gelu}},
                                   dense("b", 3)}));
  const auto back = kinds(g.backward);
  for (OpKind kind :
       {OpKind::softmax_gradient, OpKind::dropout_gradient, OpKind::batch_norm_gradient,
        OpKind::activate_gradient, OpKind::dense_input_gradient}) {
    CHECK(std::find(back.begin(), back.end(), kind) != back.end());
  }
}

TEST_CASE("a sum that nothing learned leads to gets no backward operations") {
  // pool and sum of the input, beside a convolution: only the latter has a gradient
  const ResidualLayer sum{{{"p", PoolLayer{Pooling::average, same_window(3)}}}, {}};
  const Conv2dLayer conv{2, same_window(3), 1, true, {InitRule::Kind::normal, 0.1}};
  const BranchesLayer both{
      {{{"sum", sum}, {"r", ActivationLayer{Activation::relu}}}, {{"c", conv}}}};
  const Graph g = build_graph(
      net({{"both", both}, {"mean", GlobalAveragePoolLayer{}}, dense("b", 3)}, {4, 4, 1}));
  for (const Op& op : g.backward) {
    CHECK(op.kind != OpKind::copy_gradient);
    for (TensorId id : tensors_of(op)) CHECK(id >= 0);
  }
  const auto back = kinds(g.backward);
  CHECK(std::count(back.begin(), back.end(), OpKind::place_gradient) == 1);
}

TEST_CASE("what does not fit is refused") {
  CHECK_THROWS_AS(build_graph(net({dense("a", 5)}, {2, 2, 2})), UsageError);  // not flat
  CHECK_THROWS_AS(build_graph(net({dense("a", 0)})), UsageError);
  CHECK_THROWS_AS(build_graph(net({})), UsageError);
  CHECK_THROWS_AS(build_graph(net({dense("a", 5), {"r", ActivationLayer{Activation::relu}}})),
                  UsageError);
}
