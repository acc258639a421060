#include "engine/data/source.h"
#include "engine/data/sources/digits_render.h"
#include "engine/data/sources/digits_street.h"

namespace vernier::engine {
namespace {

constexpr std::uint64_t data_seed = 1;  // part of the data set, like its sizes: never changed
constexpr int train_and_valid = 14'000;
constexpr int valid_examples = 2'000;
constexpr int test_examples = 4'000;

/// Labels go round 0 .. 9; `part` keeps the streams of the parts apart. draw: (digit, part, index, pixels).
template <class Draw>
Examples render(int n, std::uint32_t part, std::size_t features, Draw&& draw) {
  Examples examples;
  examples.n = n;
  examples.bytes.resize(static_cast<std::size_t>(n) * features);
  for (int i = 0; i < n; ++i) {
    examples.labels.push_back(i % 10);
    draw(i % 10, part, static_cast<std::uint32_t>(i),
         std::span(examples.bytes).subspan(static_cast<std::size_t>(i) * features, features));
  }
  return examples;
}

struct Parts {
  Examples pool, test;
};

template <class Draw>
Parts render_all(std::size_t features, Draw&& draw) {
  return {render(train_and_valid, 0, features, draw), render(test_examples, 1, features, draw)};
}

// Both are immutable, made once and thread-safely, when first asked for.
const Parts& plain() {
  static const Parts parts = render_all(
      digit_size * digit_size, [](int digit, std::uint32_t part, std::uint32_t index, auto pixels) {
        render_digit({}, digit, {data_seed, Stream::data, part}, index, pixels);
      });
  return parts;
}
const Parts& street() {
  static const Parts parts =
      render_all(street_size * street_size * 3,
                 [](int digit, std::uint32_t part, std::uint32_t index, auto pixels) {
                   render_street(digit, data_seed, part, index, pixels);
                 });
  return parts;
}

RawData load(const DataSettings& settings, Folders) {
  const bool coloured = settings.style == "street";
  const Parts& parts = coloured ? street() : plain();
  RawData data;
  data.shape = coloured ? std::vector<int>{street_size, street_size, 3}
                        : std::vector<int>{digit_size, digit_size, 1};
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
      {"digits",
       "drawn digits, distorted and noisy, 28 x 28, or style: street, 32 x 32 x 3; 12,000 + 2,000 "
       "+ 4,000 (the default)",
       "built in"},
      Source::Kind::built_in,
      load};
}

}  // namespace vernier::engine
