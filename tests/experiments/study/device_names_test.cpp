#include "experiments/study/device_names.h"

#include <doctest/doctest.h>

using namespace vernier::experiments;

TEST_CASE("devices are named one by one, all of a kind, or both kinds") {
  const auto names = [](const char* text) {
    const auto found = device_names(text);
    REQUIRE(found.has_value());
    return *found;
  };
  for (const char* text : {"auto", "cpu"}) {
    CHECK(names(text).cpu);
    CHECK(!names(text).gpu);
  }
  CHECK(names("gpu").gpu);
  CHECK(!names("gpu").cpu);
  CHECK(names("gpu").indices.empty());
  for (const char* text : {"gpu:0,12", "gpu:0,gpu:12", "gpu:0,12,cpu", "cpu,gpu:0,12"}) {
    CAPTURE(text);
    CHECK(names(text).gpu);
    CHECK(names(text).indices == std::vector<int>{0, 12});
    CHECK(names(text).cpu == (std::string(text).find("cpu") != std::string::npos));
  }
  CHECK(names("gpu,cpu").cpu);
  CHECK(names("gpu,cpu").indices.empty());
}

TEST_CASE("what is no device, or one twice, is none") {
  for (const char* text :
       {"", "gpu:", "gpu:x", "gpu:-1", "gpu:5000", "0", "cpu,0", "gpu,0", "gpu,gpu:0", "gpu:0,gpu",
        "gpu:0,0", "gpu:0,gpu:0", "cpu,cpu", "gpu:0,", "auto,cpu", "tpu:0", "gpu:0 ,1"}) {
    CAPTURE(text);
    CHECK(!device_names(text).has_value());
  }
}
