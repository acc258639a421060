#include "store/socket_path.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "core/hash.h"

namespace vernier::store {

std::filesystem::path socket_path(const std::filesystem::path& database) {
  const auto absolute = std::filesystem::absolute(database);
  std::string name = absolute.filename().string() + ".sock";
  if (name.size() > 80) name = content_hash(name) + ".sock";
  return absolute.parent_path() / name;
}

SocketAddress::SocketAddress(const std::filesystem::path& database) {
  const auto path = socket_path(database);
  folder_ = Fd(open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder_) {
    fail<StoreError>("[{}] cannot open the folder {}: {}", database.string(),
                     path.parent_path().string(), std::strerror(errno));
  }
  address_.sun_family = AF_UNIX;
  const std::string text =
      fmt::format("/proc/self/fd/{}/{}", folder_.get(), path.filename().string());
  std::strncpy(address_.sun_path, text.c_str(), sizeof address_.sun_path - 1);
}

}  // namespace vernier::store
