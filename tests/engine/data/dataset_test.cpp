#include "engine/data/dataset.h"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "core/hash.h"
#include "engine/data/source.h"
#include "tests/engine/data/files.h"

namespace vernier::engine {
namespace {

using testing::says;
using testing::TempFolder;

Dataset load(const DataSettings& settings, std::vector<std::filesystem::path> folders = {}) {
  return load_dataset(settings, folders, null_log());
}

std::string refusal(const DataSettings& settings, std::vector<std::filesystem::path> folders = {}) {
  try {
    load(settings, folders);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

DataSettings of(const std::string& set) {
  DataSettings settings;
  settings.set = set;
  return settings;
}

void check_part(const Dataset& data, const Part& part) {
  CHECK(part.n > 0);
  CHECK(part.x.size() ==
        static_cast<std::size_t>(part.n) * static_cast<std::size_t>(data.features));
  for (const float x : part.x) REQUIRE(std::isfinite(x));
  if (data.classes > 0) {
    CHECK(part.targets.empty());
    REQUIRE(part.labels.size() == static_cast<std::size_t>(part.n));
    std::set<int> seen;
    for (const std::int32_t label : part.labels) {
      REQUIRE((label >= 0 && label < data.classes));
      seen.insert(label);
    }
    CHECK(static_cast<int>(seen.size()) == data.classes);
  } else {
    CHECK(part.labels.empty());
    CHECK(part.targets.size() ==
          static_cast<std::size_t>(part.n) * static_cast<std::size_t>(data.outputs));
  }
}

TEST_CASE(
    "every built-in set keeps its promises: shapes, classes in every part, the same bits twice") {
  for (const Source& source : sources()) {
    if (source.kind != Source::Kind::built_in && source.kind != Source::Kind::generator) continue;
    CAPTURE(source.info.name);
    CHECK(source.info.source == "built in");
    const Dataset data = load(of(source.info.name));
    CHECK(data.name == source.info.name);
    CHECK(data.outputs == (data.classes > 0 ? data.classes : 1));
    CHECK(static_cast<int>(data.class_names.size()) == data.classes);
    for (const Part* part : {&data.train, &data.valid, &data.test}) check_part(data, *part);
    CHECK(data.train.x != data.valid.x);
    CHECK(data.valid.x != data.test.x);
    const Dataset again = load(of(source.info.name));
    CHECK(again.train.x == data.train.x);
    CHECK(again.test.x == data.test.x);
    CHECK(again.train.labels == data.train.labels);
    CHECK(again.train.targets == data.train.targets);
  }
}

TEST_CASE("data sets never change: content hashes of the unprepared bits") {
  struct Case {
    std::string set, hash;
  };
  const Case cases[] = {{"digits", "cf83990f6d25aadd96265129db5e4f8e"},
                        {"spirals", "1d5267c7e97ac0e004c31783b4b30286"},
                        {"moons", "d2a8d97345e71faa79246a84cd8e0d3c"},
                        {"xor", "97b74adff818eeb8bfe76a3267fc658c"},
                        {"rings", "2146a20ede7019898dcd48ff72a5bb22"},
                        {"sawtooth", "61999a78c961f6f7ab62c2ae29af5d5c"},
                        {"teacher", "b386d053be20ff60f721d5fb93743bee"},
                        {"sine", "190ec590a8c4f474e2c743c684258507"}};
  for (const Case& test : cases) {
    DataSettings settings = of(test.set);
    settings.normalize = "none";
    const Dataset data = load(settings);
    std::string all;
    for (const Part* part : {&data.train, &data.valid, &data.test}) {
      all += content_hash(std::as_bytes(std::span(part->x)));
      all += content_hash(data.classes > 0 ? std::as_bytes(std::span(part->labels))
                                           : std::as_bytes(std::span(part->targets)));
    }
    CAPTURE(test.set);
    CHECK(content_hash(all) == test.hash);
  }
}

TEST_CASE("digits: 12,000 + 2,000 + 4,000 images of 28 x 28, equally many of each") {
  const Dataset data = load(of("digits"));
  CHECK(data.shape == std::vector<int>{28, 28, 1});
  CHECK(data.train.n == 12000);
  CHECK(data.valid.n == 2000);
  CHECK(data.test.n == 4000);
  for (const Part* part : {&data.train, &data.valid, &data.test}) {
    std::vector<int> count(10);
    for (const std::int32_t label : part->labels) ++count[static_cast<std::size_t>(label)];
    for (const int c : count) CHECK(c == part->n / 10);
  }
  CHECK(data.bytes() == 18000u * (784 * 4 + 4));
}

TEST_CASE("preparation uses the training part only") {
  const Dataset data = load(of("moons"));
  for (int f = 0; f < 2; ++f) {
    double sum = 0, squares = 0, other = 0;
    for (int i = 0; i < data.train.n; ++i) {
      const double x = data.train.x[static_cast<std::size_t>(2 * i + f)];
      sum += x;
      squares += x * x;
    }
    for (int i = 0; i < data.valid.n; ++i)
      other += data.valid.x[static_cast<std::size_t>(2 * i + f)];
    CHECK(std::fabs(sum / data.train.n) < 1e-6);
    CHECK(squares / data.train.n == doctest::Approx(1).epsilon(1e-5));
    CHECK(std::fabs(other / data.valid.n) > 1e-6);
  }
}

TEST_CASE("counts, subset and label noise: validation and test stay as they are") {
  DataSettings settings = of("digits");
  settings.valid = 3000;
  settings.train = 5000;
  settings.test = 100;
  settings.normalize = "none";
  const Dataset base = load(settings);
  CHECK(base.train.n == 5000);
  CHECK(base.valid.n == 3000);
  CHECK(base.test.n == 100);
  settings.subset = 500;
  settings.label_noise = 0.5;
  const Dataset noisy = load(settings);
  CHECK(noisy.train.n == 500);
  CHECK(noisy.valid.x == base.valid.x);
  CHECK(noisy.valid.labels == base.valid.labels);
  CHECK(noisy.test.labels == base.test.labels);
  settings.label_noise = 0;
  const Dataset clean = load(settings);
  CHECK(clean.train.x == noisy.train.x);
  int changed = 0;
  for (std::size_t i = 0; i < 500; ++i) changed += clean.train.labels[i] != noisy.train.labels[i];
  CHECK(changed > 170);  // 225 expected, deviation 11
  CHECK(changed < 280);
}

TEST_CASE("the split seed changes the split of digits, and the examples of a generated set") {
  DataSettings settings = of("digits");
  settings.split_seed = 2;
  CHECK(load(settings).valid.x != load(of("digits")).valid.x);
  CHECK(load(settings).test.labels == load(of("digits")).test.labels);
  settings.set = "spirals";
  CHECK(load(settings).train.x != load(of("spirals")).train.x);
}

TEST_CASE("what there is not is refused with what there is") {
  DataSettings settings = of("digits");
  settings.train = 12001;
  says(refusal(settings), "[data.train] 12001 examples of 'digits' asked for; there are 12000");
  settings = of("digits");
  settings.subset = 20000;
  says(refusal(settings), "[data.subset] 20000 examples of 'digits' asked for; there are 12000");
  settings = of("digits");
  settings.valid = 14000;
  says(refusal(settings), "[data.valid] 14000 of 14000");
  settings = of("digits");
  settings.test = 4001;
  says(refusal(settings), "[data.test] 4001 examples of 'digits' asked for; there are 4000");
  settings = of("digits");
  settings.n = 50;
  says(refusal(settings), "[data.n] data set 'digits' does not take it");
  settings = of("xor");
  settings.gap = 1;
  says(refusal(settings),
       "[data.gap] data set 'xor' does not take it; expected only with set: moons");
  settings = of("moons");
  settings.file = "a.csv";
  says(refusal(settings), "[data.file] data set 'moons' does not take it");
  settings = of("sine");
  settings.label_noise = 0.1;
  says(refusal(settings), "[data.label_noise] 0.1 with 'sine'");
  says(refusal(of("mnits")), "[data.set] unknown data set 'mnits'; did you mean 'mnist'?");
  says(refusal(of("mnist"), {"/nowhere"}),
       "no file train-images-idx3-ubyte or train-images-idx3-ubyte.gz in /nowhere/mnist");
}

TEST_CASE("generated sets: n, noise and counts") {
  DataSettings settings = of("xor");
  settings.n = 100;
  settings.test = 7;
  settings.noise = 0;
  settings.normalize = "none";
  const Dataset data = load(settings);
  CHECK(data.train.n == 100);
  CHECK(data.valid.n == 50);
  CHECK(data.test.n == 7);
  for (std::size_t i = 0; i < 100; ++i)
    CHECK(data.train.labels[i] == (data.train.x[2 * i] * data.train.x[2 * i + 1] < 0 ? 1 : 0));
  settings.set = "sawtooth";
  const Dataset saw = load(settings);
  for (std::size_t i = 0; i < 100; ++i)
    CHECK(saw.train.labels[i] == static_cast<int>(16 * saw.train.x[i]) % 2);
  settings.set = "sine";
  const Dataset sine = load(settings);
  for (std::size_t i = 0; i < 100; ++i) {
    CHECK(sine.train.targets[i] ==
          doctest::Approx(std::sin(2 * M_PI * sine.train.x[i])).epsilon(1e-6));
  }
  settings.set = "moons";
  const Dataset moons = load(settings);
  settings.gap = 1;
  const Dataset apart = load(settings);
  for (std::size_t i = 0; i < 100; ++i) {
    const float lower = moons.train.labels[i] == 1 ? 1.0F : 0.0F;
    CHECK(apart.train.x[2 * i] == moons.train.x[2 * i]);
    CHECK(apart.train.x[2 * i + 1] ==
          doctest::Approx(moons.train.x[2 * i + 1] - lower).epsilon(1e-6));
    CHECK((apart.train.x[2 * i + 1] < -0.25) == (apart.train.labels[i] == 1));  // a line
  }
  settings.gap = 0;
  settings.set = "rings";
  const Dataset rings = load(settings);
  for (std::size_t i = 0; i < 100; ++i) {
    CHECK(std::hypot(rings.train.x[2 * i], rings.train.x[2 * i + 1]) ==
          doctest::Approx(rings.train.labels[i] + 1).epsilon(1e-5));
  }
}

TEST_CASE(
    "idx sets: found in data.dir first, then under NAME of each folder, plain or gz; split 1/6, "
    "stratified") {
  const TempFolder folder;
  folder.write("mnist/train-images-idx3-ubyte", testing::idx_bytes({120, 28, 28}, 255));
  folder.write("mnist/train-labels-idx1-ubyte.gz", testing::gzipped(testing::idx_bytes({120}, 10)));
  folder.write("mnist/t10k-images-idx3-ubyte.gz",
               testing::gzipped(testing::idx_bytes({30, 28, 28}, 255)));
  folder.write("mnist/t10k-labels-idx1-ubyte", testing::idx_bytes({30}, 10));
  const Dataset data = load(of("mnist"), {"/nowhere", folder.path()});
  CHECK(data.train.n == 100);
  CHECK(data.valid.n == 20);
  CHECK(data.test.n == 30);
  std::vector<int> count(10);
  for (const std::int32_t label : data.valid.labels) ++count[static_cast<std::size_t>(label)];
  for (const int c : count) CHECK(c == 2);
  DataSettings settings = of("fashion-mnist");
  says(refusal(settings, {folder.path()}), "/fashion-mnist; expected it there");
  settings.dir = (folder.path() / "mnist").string();
  CHECK(load(settings).class_names[9] == "boot");
  settings.set = "mnist";
  CHECK(load(settings).valid.x == data.valid.x);
  settings.normalize = "none";
  const Dataset raw = load(settings);
  CHECK(raw.test.x[300] == 300 % 255);
  CHECK(raw.test.x[784] == 784 % 255);
}

TEST_CASE("csv sets: found in 'tables'; a predicted number is standardised by the training part") {
  const TempFolder folder;
  std::string text = "x,y\n";
  for (int i = 0; i < 60; ++i)
    text += std::to_string(i) + "," + std::to_string(100.5 + 10 * i) + "\n";
  folder.write("tables/line.csv", text);
  DataSettings settings = of("csv");
  says(refusal(settings), "[data.file] missing");
  settings.file = "line.csv";
  settings.target = "y";
  const Dataset data = load(settings, {folder.path()});
  CHECK(data.train.n == 40);
  CHECK(data.valid.n == 10);
  CHECK(data.test.n == 10);
  double sum = 0, squares = 0;
  for (const float t : data.train.targets) {
    sum += t;
    squares += t * t;
  }
  CHECK(std::fabs(sum) < 1e-4);
  CHECK(squares / 40 == doctest::Approx(1).epsilon(1e-5));
  settings.normalize = "none";
  const Dataset raw = load(settings, {folder.path()});
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(raw.test.targets[i] ==
          doctest::Approx(data.test.targets[i] * data.target_deviation + data.target_mean));
    CHECK(raw.test.targets[i] == doctest::Approx(100.5 + 10 * raw.test.x[i]));
  }
}

TEST_CASE("the real MNIST, where VERNIER_DATA has it") {
  const auto folders = testing::folders_with("mnist");
  if (folders.empty()) {
    MESSAGE("skipped: VERNIER_DATA names no folder with mnist");
    return;
  }
  DataSettings settings = of("mnist");
  settings.normalize = "none";
  settings.valid = 10000;
  const Dataset data = load(settings, folders);
  CHECK(data.train.n == 50000);
  CHECK(data.valid.n == 10000);
  CHECK(data.test.n == 10000);
  CHECK(data.test.labels[0] == 7);
  CHECK(data.test.labels[9999] == 6);
  double sum = 0;
  for (const Part* part : {&data.train, &data.valid}) {
    for (const float x : part->x) sum += x;
  }
  CHECK(sum / (60000.0 * 784 * 255) ==
        doctest::Approx(0.1306605).epsilon(1e-5));  // the published mean
}

}  // namespace
}  // namespace vernier::engine
