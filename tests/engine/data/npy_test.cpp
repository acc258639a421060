// Arrays as NumPy writes them: tests/fixtures/engine/make_data_files.py.
#include "engine/data/npy.h"

#include <cmath>

#include "engine/data/dataset.h"
#include "tests/engine/data/files.h"

namespace vernier::engine {
namespace {

using testing::recorded;
using testing::refusal_of;
using testing::says;

TEST_CASE("every type, byte order, memory order and version holds what NumPy put there") {
  struct Case {
    const char* name;
    std::vector<std::size_t> shape;
  };
  const Case cases[] = {{"u1_images", {8, 3, 2}},
                        {"f4", {8, 5}},
                        {"f8_fortran", {8, 3, 2, 2}},
                        {"i2_big_fortran", {8, 4}},
                        {"f4_big_v2", {8, 5}},
                        {"i4_v3", {8, 5}},
                        {"i1", {8, 3}},
                        {"u2", {8, 3}},
                        {"u4", {8, 3}},
                        {"i8", {8, 3}},
                        {"u8", {8, 3}},
                        {"b1", {8, 3}}};
  for (const Case& test : cases) {
    CAPTURE(test.name);
    const auto bytes = recorded(std::string(test.name) + ".npy");
    const NpyArray array = parse_npy(bytes, test.name);
    CHECK(array.shape == test.shape);
    for (std::size_t i = 0; i < array.count(); ++i) {
      const double whole = static_cast<double>((i * 7 + 3) % 100);
      const double expected = array.kind == 'f'   ? static_cast<double>(i) * 0.375 - 2.5
                              : array.kind == 'b' ? 1
                                                  : whole;
      REQUIRE(array.value(array.place(i)) == expected);
    }
  }
}

TEST_CASE("damage is named with its byte offset and what was expected") {
  const auto read = [](const std::vector<std::byte>& bytes) {
    return refusal_of([&] { parse_npy(bytes, "x.npy"); });
  };
  const auto good = recorded("f4.npy");
  const auto with = [&](const std::string& from, const std::string& to) {
    auto bytes = good;
    std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    const auto raw = std::as_bytes(std::span(text));
    return std::vector<std::byte>(raw.begin(), raw.end());
  };
  says(read({}), "[x.npy] byte 0: the file does not start with 93 4e 55 4d 50 59");
  says(read(with("\x01", "\x04")), "[x.npy] byte 6: version 4; expected 1, 2 or 3");
  says(read(recorded("complex.npy")), "[x.npy] byte 20: found ''<c8'");
  says(read(recorded("complex.npy")), "expected a type of u1 u2 u4 u8 i1 i2 i4 i8 b1 f4 f8");
  says(read(with("(8, 5)", "(8, 6)")), "[x.npy] byte 128: 160 bytes of numbers; expected 192");
  says(read(with("(8, 5)", "(0, 5)")), "found '0, 5)");
  says(read(with("(8, 5)", "(8,-5)")), "expected a size of 1 or more");
  says(read(with("False", "Maybe")), "expected True or False");
  says(read(with("'shape'", "'shale'")), "expected each of 'descr', 'fortran_order' and 'shape'");
  says(read(with("(8, 5)", "(99999999999, 99999999999)      ")), "the file ends early");
  auto bad = good;
  bad.resize(50);
  says(read(bad), "[x.npy] byte 8: a header of 118 bytes; expected no more than the 40 left");
}

TEST_CASE("5,000 mutations are read or refused, never worse") {
  const std::vector<std::vector<std::byte>> good{recorded("f4.npy"), recorded("f8_fortran.npy"),
                                                 recorded("i4_v3.npy")};
  const int refused = testing::mutate(good, 5000, [](const auto& bytes) {
    const NpyArray array = parse_npy(bytes, "f");
    REQUIRE(array.data.size() <= bytes.size());
    for (std::size_t i = 0; i < array.count(); ++i) (void)array.value(array.place(i));
  });
  CHECK(refused > 1500);
}

TEST_CASE("two arrays are a data set: images and classes, features and numbers") {
  const testing::TempFolder folder;
  for (const char* name :
       {"u1_images.npy", "labels.npy", "f8_fortran.npy", "targets.npy", "f4.npy"})
    folder.write(std::string("npy/") + name, recorded(name));
  const std::vector<std::filesystem::path> folders{folder.path()};
  DataSettings settings;
  settings.set = "npy";
  settings.valid = settings.test = 2;
  settings.normalize = "none";
  const auto load = [&] { return load_dataset(settings, folders, null_log()); };
  says(refusal_of(load), "[data.file] missing");
  settings.file = "u1_images.npy";
  says(refusal_of(load), "[data.target] missing");
  settings.target = "labels.npy";
  const Dataset images = load();
  CHECK(images.shape == std::vector<int>{3, 2, 1});
  CHECK(images.classes == 3);
  CHECK(images.train.n == 4);
  settings.file = "f8_fortran.npy";
  settings.target = "targets.npy";
  const Dataset numbers = load();
  CHECK(numbers.shape == std::vector<int>{3, 2, 2});
  CHECK(numbers.classes == 0);
  // Rows keep their targets: both grow with the index, 12 features a row.
  for (const Part* part : {&numbers.train, &numbers.valid, &numbers.test}) {
    for (int i = 0; i < part->n; ++i) {
      const double row = (part->targets[static_cast<std::size_t>(i)] + 2.5) / 0.375;
      CHECK(part->x[static_cast<std::size_t>(12 * i + 5)] == (12 * row + 5) * 0.375 - 2.5);
    }
  }
  settings.target = "f4.npy";
  says(refusal_of(load), "targets of shape (8, 5); expected (8), as many as inputs");
}

}  // namespace
}  // namespace vernier::engine
