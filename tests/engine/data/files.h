// Small data files for the tests.
#pragma once
#include <doctest/doctest.h>
#include <unistd.h>
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"

namespace vernier::engine::testing {

/// A folder of its own that goes with the test.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "vernier-data-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

  void write(const std::string& name, std::span<const std::byte> bytes) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream file(path_ / name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  void write(const std::string& name, const std::string& text) const {
    write(name, std::as_bytes(std::span(text)));
  }

 private:
  std::filesystem::path path_;
};

/// An IDX file with the given sizes, whose data are 0, 1, 2, ... modulo `modulus`.
inline std::vector<std::byte> idx_bytes(const std::vector<std::uint32_t>& sizes, int modulus) {
  std::vector<std::byte> bytes;
  const auto put = [&](std::uint32_t v) {
    for (int shift = 24; shift >= 0; shift -= 8)
      bytes.push_back(static_cast<std::byte>(v >> shift & 255));
  };
  put(0x800u + static_cast<std::uint32_t>(sizes.size()));
  std::size_t total = 1;
  for (const std::uint32_t size : sizes) {
    put(size);
    total *= size;
  }
  for (std::size_t i = 0; i < total; ++i)
    bytes.push_back(static_cast<std::byte>(i % static_cast<std::size_t>(modulus)));
  return bytes;
}

inline std::vector<std::byte> gzipped(std::span<const std::byte> bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib");
  std::vector<std::byte> out(deflateBound(&stream, bytes.size()) + 64);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (code != Z_STREAM_END) throw std::runtime_error("deflate");
  return out;
}

/// A recorded file of tests/fixtures/engine/data.
inline std::vector<std::byte> recorded(const std::string& name) {
  return read_file(std::filesystem::path(VERNIER_SOURCE_DIR) / "tests/fixtures/engine/data" / name);
}

/// The folders of VERNIER_DATA that have `name`.
inline std::vector<std::filesystem::path> folders_with(const std::string& name) {
  const char* variable = std::getenv("VERNIER_DATA");
  std::vector<std::filesystem::path> folders;
  for (const std::string& folder : split(variable != nullptr ? variable : "", ':')) {
    if (std::filesystem::exists(std::filesystem::path(folder) / name)) folders.emplace_back(folder);
  }
  return folders;
}

/// What `body` refuses with; empty where it does not.
template <class Body>
std::string refusal_of(Body&& body) {
  try {
    body();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

inline void says(const std::string& text, const std::string& part) {
  CAPTURE(text);
  CAPTURE(part);
  CHECK(text.find(part) != std::string::npos);
}

/// Reads random mutations and truncations of good files: read or refused, never worse. Returns how many were refused.
template <class Read>
int mutate(const std::vector<std::vector<std::byte>>& good, int times, Read&& read) {
  const std::uint32_t seed = 20262;
  MESSAGE("seed ", seed);
  std::mt19937 random(seed);
  int refused = 0;
  for (int k = 0; k < times; ++k) {
    auto bytes = good[static_cast<std::size_t>(k) % good.size()];
    if (random() % 3 == 0) bytes.resize(random() % (bytes.size() + 1));
    for (std::uint32_t m = random() % 4; m > 0 && !bytes.empty(); --m) {
      const std::size_t head = std::min<std::size_t>(bytes.size(), 256);
      const std::size_t at = random() % 2 == 0 ? random() % head : random() % bytes.size();
      bytes[at] = static_cast<std::byte>(random());
    }
    refused += !refusal_of([&] { read(bytes); }).empty();
  }
  return refused;
}

}  // namespace vernier::engine::testing
