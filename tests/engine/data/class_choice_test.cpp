#include "engine/data/class_choice.h"

#include <algorithm>

#include "engine/data/dataset.h"
#include "tests/engine/data/files.h"

namespace vernier::engine {
namespace {

using testing::refusal_of;
using testing::says;

/// Twelve examples of two bytes, their number and their class; classes ant, bee, cat, dog in turn.
RawData animals() {
  RawData raw;
  raw.shape = {2};
  raw.classes = raw.outputs = 4;
  raw.class_names = {"ant", "bee", "cat", "dog"};
  for (int i = 0; i < 12; ++i) {
    raw.pool.bytes.push_back(static_cast<std::uint8_t>(i));
    raw.pool.bytes.push_back(static_cast<std::uint8_t>(i % 4));
    raw.pool.labels.push_back(i % 4);
  }
  raw.pool.n = 12;
  raw.test = raw.pool;
  raw.valid_count = 6;
  return raw;
}

TEST_CASE("the classes named stay, in their examples' order, with the numbers of the list") {
  RawData raw = animals();
  const std::vector<std::string> classes{"dog", "1"};
  keep_classes(raw, classes, "animals");
  CHECK(raw.classes == 2);
  CHECK(raw.outputs == 2);
  CHECK(raw.class_names == std::vector<std::string>{"dog", "bee"});
  for (const Examples* part : {&raw.pool, &*raw.test}) {
    CHECK(part->n == 6);
    CHECK(part->bytes == std::vector<std::uint8_t>{1, 1, 3, 3, 5, 1, 7, 3, 9, 1, 11, 3});
    CHECK(part->labels == std::vector<std::int32_t>{1, 0, 1, 0, 1, 0});
  }
  CHECK(raw.valid_count == 3);
}

TEST_CASE("a set without names of classes has their numbers for names") {
  RawData raw = animals();
  raw.class_names.clear();
  raw.pool.numbers.assign(raw.pool.bytes.begin(), raw.pool.bytes.end());
  raw.pool.bytes.clear();
  raw.test.reset();
  const std::vector<std::string> classes{"3", "0", "2"};
  keep_classes(raw, classes, "animals");
  CHECK(raw.class_names == std::vector<std::string>{"3", "0", "2"});
  CHECK(raw.pool.labels == std::vector<std::int32_t>{1, 2, 0, 1, 2, 0, 1, 2, 0});
  CHECK(raw.pool.numbers.front() == 0);
  CHECK(raw.pool.numbers.back() == 3);
  CHECK(raw.pool.numbers.size() == 18);
}

TEST_CASE("classes that are not there, named twice, without examples or of numbers are refused") {
  const auto refusal = [](RawData raw, std::vector<std::string> classes) {
    return refusal_of([&] { keep_classes(raw, classes, "animals"); });
  };
  says(refusal(animals(), {"ant", "horse"}),
       "[data.classes] 'animals' has no class 'horse'; expected some of ant, bee, cat, dog, or "
       "their numbers");
  says(refusal(animals(), {"ant", "4"}), "has no class '4'");
  says(refusal(animals(), {"ant", "0"}), "'0' is class 0, which is there already");
  RawData few = animals();
  for (std::int32_t& label : few.pool.labels) label = label == 2 ? 1 : label;
  says(refusal(few, {"ant", "cat"}), "no training example of class 'cat'");
  RawData numbers = animals();
  numbers.classes = 0;
  says(refusal(numbers, {"0", "1"}), "whose target is a number");
}

TEST_CASE("a study's classes: the same images as in the whole set, fewer outputs, split as ever") {
  DataSettings settings;
  settings.normalize = "none";
  const Dataset whole = load_dataset(settings, {}, null_log());
  settings.classes = {"7", "2", "5"};
  const Dataset some = load_dataset(settings, {}, null_log());
  CHECK(some.classes == 3);
  CHECK(some.outputs == 3);
  CHECK(some.names_of_classes() == settings.classes);
  const auto rows = [](const Dataset& data, std::vector<std::int32_t> as_stored) {
    std::vector<std::pair<std::int32_t, std::vector<float>>> all;
    const auto width = static_cast<std::ptrdiff_t>(data.features);
    for (const Part* part : {&data.train, &data.valid, &data.test}) {
      for (std::ptrdiff_t i = 0; i < part->n; ++i) {
        const auto label =
            as_stored[static_cast<std::size_t>(part->labels[static_cast<std::size_t>(i)])];
        if (label < 0) continue;
        const auto row = part->x.begin() + i * width;
        all.emplace_back(label, std::vector<float>(row, row + width));
      }
    }
    std::sort(all.begin(), all.end());
    return all;
  };
  CHECK(rows(some, {7, 2, 5}) == rows(whole, {-1, -1, 2, -1, -1, 5, -1, 7, -1, -1}));
  CHECK(std::abs(some.valid.n - 600) <= 3);  // 2,000 of ten classes
  settings.classes = {"7", "nine"};
  says(refusal_of([&] { load_dataset(settings, {}, null_log()); }),
       "[data.classes] 'digits' has no class 'nine'; expected some of 0, 1, 2, 3, ");
}

}  // namespace
}  // namespace vernier::engine
