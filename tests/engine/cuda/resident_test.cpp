#include "engine/cuda/resident.h"

#include "core/error.h"
#include "tests/engine/cuda/device_support.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::cuda;
using namespace vernier::engine::cuda::testing;

namespace {

DataSettings digits(const std::string& normalize) {
  DataSettings data;
  data.set = "digits";
  data.subset = 60;
  data.valid = 40;
  data.test = 30;
  data.normalize = normalize;
  return data;
}

}  // namespace

TEST_CASE(
    "what bytes become on a device is what the host prepared, bit for bit, and as much smaller as "
    "is said") {
  for (const char* normalize : {"none", "minmax", "standardize", "channel_mean", "per_image"}) {
    CAPTURE(normalize);
    const auto data =
        std::make_shared<const Dataset>(load_dataset(digits(normalize), {}, null_log()));
    CHECK(data->from_bytes);
    CHECK(as_bytes(*data) == (std::string_view(normalize) != "per_image"));
    HostDevice device;
    const auto resident = std::make_shared<const ResidentData>(device, *data);
    CHECK(device.held() == resident_bytes(*data));
    if (as_bytes(*data)) CHECK(resident_bytes(*data) < data->bytes() / 3);
    const auto width = static_cast<std::size_t>(data->features);
    for (std::size_t i = 0; i < data->valid.x.size(); ++i)
      REQUIRE(resident->valid.x.at(i / width, width)[i % width] == data->valid.x[i]);
  }
}

TEST_CASE(
    "training from bytes has the bits of training from floats, augmented or not, layers or units") {
  for (const char* model : {"mlp", "layers"}) {
    for (const bool augmented : {false, true}) {
      CAPTURE(model);
      CAPTURE(augmented);
      TrialSettings s;
      s.data = digits("standardize");
      s.model.type = model;
      if (s.model.type == "layers") {
        s.model.layers = Json::parse(
            R"([{"max_pool": 2}, {"conv": {"filters": 3, "kernel": 3}}, "relu", "flatten", {"dense": "classes"}])");
      } else {
        s.model.widths = {12};
      }
      s.train.batch_size = 20;
      if (augmented) {
        s.augment.crop = 2;
        s.augment.contrast = 0.2;
      }
      Dataset bytes = load_dataset(s.data, {}, null_log());
      Dataset floats = bytes;
      floats.from_bytes = false;
      std::vector<std::string> hashes;
      std::vector<Metrics> rows;
      for (Dataset* set : {&bytes, &floats}) {
        OnHost host;
        auto cohort = host(s, std::make_shared<const Dataset>(*set), 2);
        cohort->admit(s, nullptr);
        rows.push_back(cohort->advance(go, {}).at(0).results);
        hashes.push_back(cohort->weights_hash(0));
      }
      CHECK(hashes[0] == hashes[1]);
      CHECK(rows[0] == rows[1]);
    }
  }
}

TEST_CASE("a number that is no prepared byte is an error, not another number") {
  Dataset data = load_dataset(digits("minmax"), {}, null_log());
  data.valid.x[5] += 0.001f;
  HostDevice device;
  CHECK_THROWS_WITH_AS(ResidentData(device, data), doctest::Contains("number 5 of 'digits'"),
                       DeviceError);
  CHECK(device.held() == 0);
}
