// The binary files of CIFAR-10 and CIFAR-100 (Krizhevsky 2009): records of one label byte (CIFAR-100: the coarse label's, then the fine
// one's) and 3,072 pixels, 32 x 32 red, then green, then blue.
#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/data/source.h"

namespace vernier::engine {

/// Appends the records of one file to `into`, pixels as (height, width, channel). The last of `label_bytes` labels is kept. Throws
/// UsageError "[name] byte OFFSET: ..." for an empty file, a last record that is cut off, and labels past `classes`.
void parse_cifar(std::span<const std::byte> bytes, std::size_t label_bytes, int classes,
                 const std::string& name, Examples& into);

/// The files of one set, training ones first, in `folder` under each of `folders` or in settings.dir.
RawData load_cifar(const DataSettings& settings, const std::string& folder, Folders folders,
                   std::span<const std::string> training, const std::string& test,
                   std::size_t label_bytes, std::vector<std::string> class_names);

}  // namespace vernier::engine
