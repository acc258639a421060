// IDX, the file format of MNIST (LeCun, Cortes and Burges): big-endian magic number 00 00 08 D for D dimensions of unsigned bytes,
// D 32-bit sizes, then the data. Plain, or compressed by gzip.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/data/source.h"

namespace vernier::engine {

struct IdxArray {
  std::vector<int> sizes;
  std::vector<std::uint8_t> data;  // product of sizes
};

/// `dimensions`: how many are expected, 1 (labels) or 3 (images). `name` is for messages. Throws UsageError "[name] byte OFFSET: ..." for a
/// wrong magic number, sizes that are 0 or more than the file can hold, missing and surplus bytes. Never allocates more than the file holds
/// (compressed: 1,032 times its size, the most that deflate reaches).
IdxArray parse_idx(std::span<const std::byte> bytes, int dimensions, const std::string& name);

/// Images and labels, 28 x 28 x 1 with labels 0 .. 9, that agree in number.
Examples read_idx_pair(const std::filesystem::path& images, const std::filesystem::path& labels);

/// A set in the four files of MNIST, train-images-idx3-ubyte[.gz] and so on, in `folder` under each of `folders` or in settings.dir.
RawData load_idx_set(const DataSettings& settings, const std::string& folder, Folders folders,
                     std::vector<std::string> class_names);

}  // namespace vernier::engine
