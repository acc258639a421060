// Which file system a path lies on: locks and shared memory of SQLite do not work over a network.
#pragma once
#include <filesystem>
#include <optional>
#include <string>

namespace vernier::store {

/// "NFS", "CIFS", ... where the folder of `file` lies on a network file system.
std::optional<std::string> network_file_system(const std::filesystem::path& file);
/// The name of a statfs type, where it is a network's.
std::optional<std::string> network_name(unsigned long statfs_type);

}  // namespace vernier::store
