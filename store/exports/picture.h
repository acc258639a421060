// What a trial recorded, as pictures in PNG.
#pragma once
#include <optional>
#include <string>

#include "store/records.h"

namespace vernier::store {

struct Picture {
  int width = 0, height = 0;
  int channels = 1;    // 1 or 3
  std::string pixels;  // row by row from above, channels together
};
/// PNG (ISO 15948): 8 bits a channel, one IDAT, rows without filter.
std::string to_png(const Picture& picture);

/// A PNG file with its size and channels, of the artifact kinds png, confusion, examples, filters and decision_map; nullopt for those that are no pictures.
/// Throws UsageError for one that does not hold to its form (store/FORMAT.md).
struct PngFile {
  int width = 0, height = 0, channels = 1;
  std::string bytes;
};
std::optional<PngFile> png_of(const Artifact& artifact);

}  // namespace vernier::store
