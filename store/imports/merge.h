// Studies of another database into this one, as they are: numbers, checksums, curves, checkpoints, artifacts, notes, events.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace vernier::store {

struct MergeOptions {
  std::vector<std::string> studies;  // empty: all of the other file
  std::optional<std::string> as;     // of a single study: its name here
};
struct Merged {
  std::string from, to;  // names there and here
  int trials = 0;
  bool there = false;  // already, equal in all that decides and in every trial: nothing was done
};

/// All in one transaction, or nothing: a name that stands for something else here refuses the whole. `from` is verified before, and may be written by a
/// search meanwhile: what runs there is interrupted here. Throws StoreError, NotFoundError for an unknown study.
std::vector<Merged> merge(const std::filesystem::path& from, const std::filesystem::path& to,
                          const MergeOptions& options);

}  // namespace vernier::store
