#include "engine/data/sources/npy.h"

#include <array>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"

namespace vernier::engine {
namespace {

constexpr std::size_t most_features = 1 << 24, most_classes = 65536;

std::string shape_text(const NpyArray& array) {
  std::vector<std::string> sizes;
  for (const std::size_t size : array.shape) sizes.push_back(std::to_string(size));
  return "(" + join(sizes, ", ") + ")";
}

float finite(const NpyArray& array, std::size_t index, const std::string& name) {
  const std::size_t place = array.place(index);
  const float value = static_cast<float>(array.value(place));
  if (!std::isfinite(value))
    fail<UsageError>("[{}] byte {}: found {}; expected a finite number", name,
                     array.offset + place * array.width, array.value(place));
  return value;
}

void read_inputs(const NpyArray& x, const std::string& name, RawData& data) {
  if (x.shape.size() < 2 || x.shape.size() > 4 || x.count() / x.shape[0] > most_features ||
      x.shape[0] > std::numeric_limits<int>::max() / 2)
    fail<UsageError>(
        "[{}] byte {}: inputs of shape {}; expected (N, features), (N, height, width) "
        "or (N, height, width, channels)",
        name, x.offset, shape_text(x));
  data.pool.n = static_cast<int>(x.shape[0]);
  if (data.pool.n < 6)
    fail<UsageError>("[{}] byte {}: {} examples; expected 6 or more", name, x.offset, data.pool.n);
  for (std::size_t d = 1; d < x.shape.size(); ++d)
    data.shape.push_back(static_cast<int>(x.shape[d]));
  if (data.shape.size() == 2) data.shape.push_back(1);
  const std::size_t count = x.count();
  if (x.kind == 'u' && x.width == 1) {
    data.pool.bytes.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
      data.pool.bytes.push_back(std::to_integer<std::uint8_t>(x.data[x.place(i)]));
  } else {
    data.pool.numbers.reserve(count);
    for (std::size_t i = 0; i < count; ++i) data.pool.numbers.push_back(finite(x, i, name));
  }
}

void read_classes(const NpyArray& y, const std::string& name, RawData& data) {
  std::size_t most = 1;
  for (std::size_t i = 0; i < y.count(); ++i) {
    const double label = y.value(i);
    if (label < 0 || label >= static_cast<double>(most_classes))
      fail<UsageError>("[{}] byte {}: label {}; expected 0 to {}", name, y.offset + i * y.width,
                       label, most_classes - 1);
    data.pool.labels.push_back(static_cast<std::int32_t>(label));
    most = std::max(most, static_cast<std::size_t>(label));
  }
  if (most >= y.count())
    fail<UsageError>(
        "[{}] byte {}: labels up to {} in {} examples; expected fewer classes than "
        "examples",
        name, y.offset, most, y.count());
  for (std::size_t c = 0; c <= most; ++c) data.class_names.push_back(std::to_string(c));
  data.classes = data.outputs = static_cast<int>(most + 1);
}

RawData load(const DataSettings& settings, Folders folders) {
  if (settings.file.empty() || settings.target.empty())
    fail<UsageError>("[data.{}] missing; expected the name of an .npy file with the {}",
                     settings.file.empty() ? "file" : "target",
                     settings.file.empty() ? "inputs" : "labels or numbers to be predicted");
  const auto find = [&](const std::string& name) {
    const std::array<std::string, 1> names{name};
    return find_file(settings, "npy", folders, names);
  };
  const auto x_file = find(settings.file), y_file = find(settings.target);
  const std::vector<std::byte> x = read_file(x_file), y = read_file(y_file);
  return npy_examples(parse_npy(x, x_file.string()), parse_npy(y, y_file.string()), x_file.string(),
                      y_file.string());
}

}  // namespace

RawData npy_examples(const NpyArray& x, const NpyArray& y, const std::string& x_name,
                     const std::string& y_name) {
  RawData data;
  read_inputs(x, x_name, data);
  const bool numbers = y.kind == 'f';
  if (y.shape[0] != x.shape[0] || y.count() != x.shape[0])
    fail<UsageError>("[{}] byte {}: targets of shape {}; expected ({}), as many as inputs", y_name,
                     y.offset, shape_text(y), x.shape[0]);
  if (!numbers) {
    read_classes(y, y_name, data);
    return data;
  }
  data.outputs = 1;
  for (std::size_t i = 0; i < y.count(); ++i) data.pool.targets.push_back(finite(y, i, y_name));
  return data;
}

Source npy_source() {
  return {{"npy", "arrays saved by NumPy: inputs (N, ...) and labels or numbers (N)",
           "the files named by data.file and data.target"},
          Source::Kind::table,
          load};
}

}  // namespace vernier::engine
