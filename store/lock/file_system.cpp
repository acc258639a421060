#include "store/lock/file_system.h"

#include <sys/vfs.h>

namespace vernier::store {

std::optional<std::string> network_name(unsigned long statfs_type) {
  struct Known {
    unsigned long type;
    const char* name;
  };
  // statfs(2) and linux/magic.h.
  static constexpr Known known[] = {
      {0x6969, "NFS"},      {0x517B, "SMB"},        {0xFF534D42, "CIFS"},  {0xFE534D42, "SMB2"},
      {0x5346414F, "AFS"},  {0x73757245, "Coda"},   {0x564C, "NCP"},       {0x01021997, "9P"},
      {0x00C36400, "Ceph"}, {0x0BD00BD0, "Lustre"}, {0x47504653, "GPFS"},  {0x19830326, "BeeGFS"},
      {0x01161970, "GFS2"}, {0x7461636F, "OCFS2"},  {0xAAD7AAEA, "PanFS"}, {0x20030528, "OrangeFS"},
  };
  for (const Known& each : known) {
    if (each.type == statfs_type) return each.name;
  }
  return std::nullopt;
}

std::optional<std::string> network_file_system(const std::filesystem::path& file) {
  struct statfs info {};
  const auto absolute = std::filesystem::absolute(file);
  if (statfs(absolute.c_str(), &info) != 0 && statfs(absolute.parent_path().c_str(), &info) != 0) {
    return std::nullopt;
  }
  return network_name(static_cast<unsigned long>(info.f_type) & 0xFFFFFFFFul);
}

}  // namespace vernier::store
