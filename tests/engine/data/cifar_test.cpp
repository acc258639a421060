#include "engine/data/cifar.h"

#include <cstdio>

#include "engine/data/dataset.h"
#include "tests/engine/data/files.h"

namespace vernier::engine {
namespace {

using testing::refusal_of;
using testing::says;

/// n records; pixel p of record i is (31 i + 7 p) % 256, its labels (i + k) % classes.
std::vector<std::byte> records(int n, int label_bytes, int classes) {
  std::vector<std::byte> bytes;
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < label_bytes; ++k)
      bytes.push_back(static_cast<std::byte>((i + k) % classes));
    for (int p = 0; p < 3072; ++p) bytes.push_back(static_cast<std::byte>((31 * i + 7 * p) % 256));
  }
  return bytes;
}

TEST_CASE("records become pixels of three channels, with the last of their labels") {
  for (const int label_bytes : {1, 2}) {
    Examples examples;
    for (int file = 0; file < 2; ++file)
      parse_cifar(records(3, label_bytes, 10), static_cast<std::size_t>(label_bytes), 10, "f",
                  examples);
    CHECK(examples.n == 6);
    for (int i = 0; i < 6; ++i) {
      CHECK(examples.labels[static_cast<std::size_t>(i)] == (i % 3 + label_bytes - 1) % 10);
      for (const int pixel : {0, 1, 31, 32, 1023}) {
        for (int c = 0; c < 3; ++c) {
          CHECK(examples.bytes[static_cast<std::size_t>(i * 3072 + pixel * 3 + c)] ==
                (31 * (i % 3) + 7 * (1024 * c + pixel)) % 256);
        }
      }
    }
  }
}

TEST_CASE("damage is named with its byte offset and what was expected") {
  const auto read = [](std::vector<std::byte> bytes) {
    return refusal_of([&] {
      Examples into;
      parse_cifar(bytes, 1, 10, "batch.bin", into);
    });
  };
  auto bytes = records(4, 1, 10);
  CHECK(read(bytes).empty());
  bytes[2 * 3073] = std::byte{10};
  says(read(bytes), "[batch.bin] byte 6146: label 10; expected 0 to 9");
  bytes.pop_back();
  says(read(bytes),
       "[batch.bin] byte 12291: the file ends within record 4; expected records of 3073");
  says(read({}), "[batch.bin] byte 0: the file ends within record 1");
}

TEST_CASE("cifar10 and cifar100 are read from their files, and a missing one is named") {
  const testing::TempFolder folder;
  DataSettings settings;
  settings.set = "cifar10";
  settings.normalize = "none";
  const std::vector<std::filesystem::path> folders{folder.path()};
  const auto load = [&] { return load_dataset(settings, folders, null_log()); };
  for (int k = 1; k <= 5; ++k)
    folder.write("cifar10/data_batch_" + std::to_string(k) + ".bin", records(24, 1, 10));
  says(refusal_of(load), "[data.set] cifar10: no file test_batch.bin");
  folder.write("cifar10/test_batch.bin", records(20, 1, 10));
  const Dataset ten = load();
  CHECK(ten.shape == std::vector<int>{32, 32, 3});
  CHECK(ten.train.n == 100);
  CHECK(ten.valid.n == 20);
  CHECK(ten.test.n == 20);
  CHECK(ten.class_names[3] == "cat");
  CHECK(ten.test.x[3072 * 2 + 3 * 5 + 1] == (31 * 2 + 7 * (1024 + 5)) % 256);
  folder.write("cifar100/train.bin", records(120, 2, 100));
  folder.write("cifar100/test.bin", records(20, 2, 100));
  settings.set = "cifar100";
  const Dataset hundred = load();
  CHECK(hundred.classes == 100);
  CHECK(hundred.class_names.back() == "worm");
  CHECK(hundred.test.labels[7] == 8);
}

TEST_CASE("the real CIFAR-10, where VERNIER_DATA has it") {
  const auto folders = testing::folders_with("cifar10/test_batch.bin");
  if (folders.empty()) {
    std::puts("SKIPPED: the real CIFAR-10: no folder 'cifar10' under VERNIER_DATA");
    return;
  }
  DataSettings settings;
  settings.set = "cifar10";
  settings.valid = 5000;
  settings.subset = 2000;
  const Dataset data = load_dataset(settings, folders, null_log());
  CHECK(data.train.n == 2000);
  CHECK(data.valid.n == 5000);
  CHECK(data.test.n == 10000);
  std::vector<int> count(10);
  for (const std::int32_t label : data.test.labels) ++count[static_cast<std::size_t>(label)];
  for (const int c : count) CHECK(c == 1000);
}

}  // namespace
}  // namespace vernier::engine
