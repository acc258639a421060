#include "engine/data/cifar.h"

#include <array>
#include <utility>

#include "core/error.h"
#include "core/file.h"

namespace vernier::engine {
namespace {

constexpr std::size_t area = 1024, channels = 3, pixels = area * channels;

/// From channel by channel to pixel by pixel.
void interleave(std::span<const std::byte> from, std::uint8_t* to) {
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t p = 0; p < area; ++p)
      to[p * channels + c] = std::to_integer<std::uint8_t>(from[c * area + p]);
  }
}

}  // namespace

void parse_cifar(std::span<const std::byte> bytes, std::size_t label_bytes, int classes,
                 const std::string& name, Examples& into) {
  const std::size_t record = label_bytes + pixels;
  const std::size_t n = bytes.size() / record;
  if (n == 0 || bytes.size() % record != 0) {
    fail<UsageError>("[{}] byte {}: the file ends within record {}; expected records of {} bytes",
                     name, bytes.size(), n + 1, record);
  }
  into.bytes.resize(into.bytes.size() + n * pixels);
  std::uint8_t* to = into.bytes.data() + into.bytes.size() - n * pixels;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t at = i * record + label_bytes;
    const int label = std::to_integer<int>(bytes[at - 1]);
    if (label >= classes) {
      fail<UsageError>("[{}] byte {}: label {}; expected 0 to {}", name, at - 1, label,
                       classes - 1);
    }
    into.labels.push_back(label);
    interleave(bytes.subspan(at, pixels), to + i * pixels);
  }
  into.n += static_cast<int>(n);
}

RawData load_cifar(const DataSettings& settings, const std::string& folder, Folders folders,
                   std::span<const std::string> training, const std::string& test,
                   std::size_t label_bytes, std::vector<std::string> class_names) {
  const auto find = [&](const std::string& name) {
    const std::array<std::string, 1> names{name};
    return find_file(settings, folder, folders, names);
  };
  // All are sought before the first is read: a missing one is reported at once.
  std::vector<std::filesystem::path> files;
  for (const std::string& name : training) files.push_back(find(name));
  const std::filesystem::path test_file = find(test);
  RawData data;
  data.shape = {32, 32, 3};
  data.class_names = std::move(class_names);
  data.classes = data.outputs = static_cast<int>(data.class_names.size());
  const auto read = [&](const std::filesystem::path& file, Examples& into) {
    parse_cifar(read_file(file), label_bytes, data.classes, file.string(), into);
  };
  for (const auto& file : files) read(file, data.pool);
  read(test_file, data.test.emplace());
  return data;
}

}  // namespace vernier::engine
