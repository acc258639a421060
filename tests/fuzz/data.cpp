// Every parser of data files: the first byte chooses it, the rest is the file.
#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "core/error.h"
#include "engine/data/byte_reader.h"
#include "engine/data/cifar.h"
#include "engine/data/csv_columns.h"
#include "engine/data/csv_table.h"
#include "engine/data/idx.h"
#include "engine/data/sources/npy.h"
#include "engine/data/sources/svhn.h"
#include "tests/fuzz/targets.h"

namespace vernier::fuzz {
namespace {

using namespace engine;
using Bytes = std::span<const std::byte>;

/// What every parser promises: sizes that agree, labels of a class, numbers that are finite.
void must_be_sound(const Examples& examples, int features, int classes) {
  const auto n = static_cast<std::size_t>(examples.n);
  bool sound =
      examples.labels.size() + examples.targets.size() == n &&
      examples.bytes.size() + examples.numbers.size() == n * static_cast<std::size_t>(features);
  for (const std::int32_t label : examples.labels) sound = sound && label >= 0 && label < classes;
  for (const float number : examples.numbers) sound = sound && std::isfinite(number);
  for (const float number : examples.targets) sound = sound && std::isfinite(number);
  if (!sound) __builtin_trap();
}

void idx(Bytes file, int dimensions) {
  const IdxArray array = parse_idx(file, dimensions, "f");
  std::size_t count = 1;
  for (const int size : array.sizes) count *= static_cast<std::size_t>(size);
  if (count != array.data.size() || count > most_inflation * file.size()) __builtin_trap();
}

void inflate(Bytes file, Framing framing) {
  ByteReader reader(file, "f", framing);
  std::size_t all = 0;
  for (std::size_t piece = 1;; piece = piece * 3 + 1) {
    const std::size_t got = reader.take(piece).size();
    all += got;
    if (got < piece) break;
  }
  if (all > most_inflation * file.size()) __builtin_trap();
}

void csv(Bytes file) {
  const std::string text(reinterpret_cast<const char*>(file.data()), file.size());
  const CsvTable table = parse_csv(text, "f");
  const RawData data = csv_columns(table, table.header.back(), "f");
  must_be_sound(data.pool, data.features(), data.classes);
}

void cifar(Bytes file, std::size_t label_bytes, int classes) {
  Examples examples;
  parse_cifar(file, label_bytes, classes, "f", examples);
  must_be_sound(examples, 3072, classes);
}

/// Both arrays in one file: a length of two bytes, the inputs, the targets.
void npy(Bytes file) {
  if (file.size() < 2) return;
  const std::size_t length = std::min(file.size() - 2, std::to_integer<std::size_t>(file[0]) * 256 +
                                                           std::to_integer<std::size_t>(file[1]));
  const NpyArray x = parse_npy(file.subspan(2, length), "x");
  const NpyArray y = parse_npy(file.subspan(2 + length), "y");
  const RawData data = npy_examples(x, y, "x", "y");
  must_be_sound(data.pool, data.features(), data.classes);
}

}  // namespace

void data(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return;
  const Bytes file = std::as_bytes(std::span(bytes + 1, size - 1));
  try {
    switch (bytes[0]) {
      case 'i':
        return idx(file, 3);
      case 'l':
        return idx(file, 1);
      case 'g':
        return inflate(file, Framing::gzip);
      case 'z':
        return inflate(file, Framing::zlib);
      case 'c':
        return csv(file);
      case 'k':
        return cifar(file, 1, 10);
      case 'h':
        return cifar(file, 2, 100);
      case 'm': {
        const Examples examples = parse_svhn(file, "f");
        return must_be_sound(examples, 3072, 10);
      }
      case 'n':
        return npy(file);
      default:
        return;
    }
  } catch (const UsageError&) {
  }
}

}  // namespace vernier::fuzz
