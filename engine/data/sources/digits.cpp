#include "engine/data/source.h"
#include "engine/data/sources/digits_render.h"

namespace vernier::engine {
namespace {

constexpr std::uint64_t data_seed = 1;  // part of the data set, like its sizes: never changed
constexpr int train_and_valid = 14'000;
constexpr int valid_examples = 2'000;
constexpr int test_examples = 4'000;

/// Labels go round 0 .. 9; `part` keeps the streams of the parts apart.
Examples render(int n, std::uint32_t part) {
  const std::size_t area = digit_size * digit_size;
  Examples examples;
  examples.n = n;
  examples.bytes.resize(static_cast<std::size_t>(n) * area);
  for (int i = 0; i < n; ++i) {
    examples.labels.push_back(i % 10);
    render_digit({}, i % 10, {data_seed, Stream::data, part}, static_cast<std::uint32_t>(i),
                 std::span(examples.bytes).subspan(static_cast<std::size_t>(i) * area, area));
  }
  return examples;
}

RawData load(const DataSettings&, Folders) {
  struct Parts {
    Examples pool = render(train_and_valid, 0);
    Examples test = render(test_examples, 1);
  };
  static const Parts parts;  // immutable, made once and thread-safely
  RawData data;
  data.shape = {digit_size, digit_size, 1};
  data.classes = data.outputs = 10;
  data.class_names = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  data.pool = parts.pool;
  data.test = parts.test;
  data.valid_count = valid_examples;
  return data;
}

}  // namespace

Source digits_source() {
  return {
      {"digits", "drawn digits, distorted and noisy, 28 x 28, 12,000 + 2,000 + 4,000 (the default)",
       "built in"},
      Source::Kind::built_in,
      load};
}

}  // namespace vernier::engine
