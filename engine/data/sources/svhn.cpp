#include "engine/data/sources/svhn.h"

#include <array>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "engine/data/mat.h"

namespace vernier::engine {
namespace {

constexpr std::size_t side = 32, channels = 3, features = side * side * channels;

std::string shape_of(const MatArray& array) {
  std::vector<std::string> sizes;
  for (const std::size_t size : array.sizes) sizes.push_back(std::to_string(size));
  return join(sizes, " x ");
}

}  // namespace

Examples parse_svhn(std::span<const std::byte> bytes, const std::string& name) {
  const std::array<std::string, 2> names{"X", "y"};
  auto variables = parse_mat(bytes, names, name);
  for (const std::string& needed : names) {
    if (variables.count(needed) == 0)
      fail<UsageError>("[{}] byte {}: no variable '{}' in the file; expected X and y", name,
                       bytes.size(), needed);
  }
  const MatArray& x = variables["X"];
  const MatArray& y = variables["y"];
  std::vector<std::size_t> sizes = x.sizes;
  if (sizes.size() == 3) sizes.push_back(1);  // a last size of 1 is not written
  if (x.type != MatType::uint8 || sizes.size() != 4 || sizes[0] != side || sizes[1] != side ||
      sizes[2] != channels || sizes[3] == 0 ||
      sizes[3] > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    fail<UsageError>("[{}] byte {}: X is {} of type {}; expected 32 x 32 x 3 x N of uint8 (type 2)",
                     name, x.offset, shape_of(x), static_cast<std::uint32_t>(x.type));
  const std::size_t n = sizes[3];
  if (y.count() != n)
    fail<UsageError>("[{}] byte {}: y is {}; expected {} labels, as many as images", name, y.offset,
                     shape_of(y), n);
  Examples examples;
  examples.n = static_cast<int>(n);
  examples.bytes.resize(n * features);
  for (std::size_t i = 0; i < n; ++i) {
    const double label = y.value(i);
    if (!(label >= 0 && label <= 10) || label != std::floor(label))
      fail<UsageError>("[{}] byte {}: label {} of image {}; expected 1 to 10 (10: the digit 0)",
                       name, y.offset, label, i + 1);
    examples.labels.push_back(static_cast<int>(label) % 10);
    const std::byte* from = x.data.data() + i * features;
    std::uint8_t* to = examples.bytes.data() + i * features;
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t column = 0; column < side; ++column) {
        for (std::size_t row = 0; row < side; ++row)
          to[(row * side + column) * channels + c] = std::to_integer<std::uint8_t>(*from++);
      }
    }
  }
  return examples;
}

namespace {

RawData load(const DataSettings& settings, Folders folders) {
  const auto find = [&](const char* name) {
    const std::array<std::string, 1> names{name};
    return find_file(settings, "svhn", folders, names);
  };
  const auto train = find("train_32x32.mat"), test = find("test_32x32.mat");
  RawData data;
  data.shape = {static_cast<int>(side), static_cast<int>(side), static_cast<int>(channels)};
  data.class_names = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  data.classes = data.outputs = 10;
  data.pool = parse_svhn(read_file(train), train.string());
  data.test = parse_svhn(read_file(test), test.string());
  return data;
}

}  // namespace

Source svhn_source() {
  return {
      {"svhn", "house numbers, cropped digits, 32 x 32 x 3, 73,257 + 26,032 (Netzer et al. 2011)",
       "train_32x32.mat, test_32x32.mat"},
      Source::Kind::files,
      load};
}

}  // namespace vernier::engine
