// MAT files as SciPy writes them: tests/fixtures/engine/make_data_files.py.
#include "engine/data/sources/svhn.h"

#include "engine/data/dataset.h"
#include "engine/data/mat.h"
#include "tests/engine/data/files.h"

namespace vernier::engine {
namespace {

using testing::recorded;
using testing::refusal_of;
using testing::says;

TEST_CASE("a plain file and a compressed one among other variables hold the same digits") {
  for (const char* name : {"svhn.mat", "svhn_compressed.mat"}) {
    CAPTURE(name);
    const Examples examples = parse_svhn(recorded(name), name);
    CHECK(examples.n == 3);
    CHECK(examples.labels == std::vector<std::int32_t>{1, 0, 7});
    int wrong = 0;
    for (int k = 0; k < 3; ++k) {
      for (int h = 0; h < 32; ++h) {
        for (int w = 0; w < 32; ++w) {
          for (int c = 0; c < 3; ++c) {
            const int at = ((k * 32 + h) * 32 + w) * 3 + c;
            wrong += examples.bytes[static_cast<std::size_t>(at)] !=
                     (3 * h + 5 * w + 7 * c + 11 * k) % 256;
          }
        }
      }
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("a single image, whose last size SciPy leaves out or not") {
  const Examples one = parse_svhn(recorded("svhn_one.mat"), "one");
  CHECK(one.n == 1);
  CHECK(one.labels == std::vector<std::int32_t>{1});
}

TEST_CASE("variables are found by name, with their sizes") {
  const std::vector<std::string> names{"y", "nothing"};
  const auto found = parse_mat(recorded("svhn_compressed.mat"), names, "f");
  REQUIRE(found.size() == 1);
  CHECK(found.at("y").sizes == std::vector<std::size_t>{3, 1});
  CHECK(found.at("y").value(1) == 10);
}

TEST_CASE("damage is named with its byte offset and what was expected") {
  const auto read = [](const std::vector<std::byte>& bytes) {
    return refusal_of([&] { parse_svhn(bytes, "f.mat"); });
  };
  const auto good = recorded("svhn.mat");
  auto bad = good;
  bad.resize(100);
  says(read(bad), "[f.mat] byte 100: the file ends within its header; expected 128 bytes");
  bad = good;
  bad[126] = std::byte{'M'};
  says(read(bad), "[f.mat] byte 126: found 4d 4d; expected 49 4d");
  bad = good;
  bad[125] = std::byte{2};
  says(read(bad), "[f.mat] byte 124: version 0200; expected 0100");
  bad = good;
  bad.resize(5000);
  says(read(bad),
       "[f.mat] byte 132: a variable of 9272 bytes; expected no more than the 4864 left");
  bad = good;
  bad[128] = std::byte{77};
  says(read(bad), "[f.mat] byte 128: an element of type 77; expected a variable");
  bad = good;
  bad[160] = std::byte{16};  // 16 x 32 x 3 x 3
  says(read(bad), "9216 bytes of data in 'X'; expected 4608: 4608 numbers of 1");
  bad = good;
  bad.resize(128);
  says(read(bad), "[f.mat] byte 128: no variable 'X' in the file; expected X and y");
  bad = recorded("svhn_compressed.mat");
  bad[bad.size() / 2] ^= std::byte{0x55};
  says(read(bad), "[f.mat] byte ");
}

TEST_CASE("3,000 mutations of plain and compressed files are read or refused, never worse") {
  const std::vector<std::vector<std::byte>> good{recorded("svhn.mat"),
                                                 recorded("svhn_compressed.mat")};
  const int refused = testing::mutate(good, 3000, [](const auto& bytes) {
    const Examples examples = parse_svhn(bytes, "f");
    REQUIRE(examples.bytes.size() <= 1032 * bytes.size());
  });
  CHECK(refused > 1000);
}

TEST_CASE("svhn is read from its two files, and trains as any other set") {
  const testing::TempFolder folder;
  folder.write("svhn/train_32x32.mat", recorded("svhn.mat"));
  DataSettings settings;
  settings.set = "svhn";
  settings.valid = 1;
  const std::vector<std::filesystem::path> folders{folder.path()};
  const auto load = [&] { return load_dataset(settings, folders, null_log()); };
  says(refusal_of(load), "no file test_32x32.mat");
  folder.write("svhn/test_32x32.mat", recorded("svhn_compressed.mat"));
  const Dataset data = load();
  CHECK(data.train.n == 2);
  CHECK(data.test.n == 3);
  CHECK(data.shape == std::vector<int>{32, 32, 3});
}

}  // namespace
}  // namespace vernier::engine
