#include "experiments/scheduler/transfer.h"

#include <doctest/doctest.h>

#include "tests/experiments/support.h"

namespace vernier::experiments {
namespace {

using testing::load;

TEST_CASE("a searched start: another trial's weights, or none") {
  const Spec spec = load(
      "version: 1\ndata: {set: digits}\nparameters:\n"
      "  train.from: {values: [none, \"other#3\"]}\n");
  Config from;
  from.set("train.from", std::string("other#3"));
  CHECK(start_name(spec, from) == "other#3");
  CHECK(spec.settings(from, 1).train.from == "other#3");
  from.set("train.from", std::string("none"));
  CHECK(start_name(spec, from).empty());
  CHECK(spec.settings(from, 1).train.from.empty());
}

TEST_CASE("a written start: another trial's weights, none, or nothing said") {
  const auto start = [](const std::string& train) {
    return start_name(load("version: 1\ndata: {set: digits}\ntrain: {" + train +
                           "}\nparameters:\n  train.lr: {values: [0.1]}\n"),
                      {});
  };
  CHECK(start("from: \"other#3\"") == "other#3");
  CHECK(start("from: none").empty());
  CHECK(start("epochs: 3").empty());
}

}  // namespace
}  // namespace vernier::experiments
