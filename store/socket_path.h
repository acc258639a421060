// Where a writer listens: FILE.sock. The path may be longer than sockaddr_un allows; it is reached through a descriptor of
// its folder.
#pragma once
#include <sys/socket.h>
#include <sys/un.h>

#include <filesystem>
#include <string>

#include "core/file.h"

namespace vernier::store {

std::filesystem::path socket_path(const std::filesystem::path& database);

/// An address of socket_path() that fits; valid while it lives.
class SocketAddress {
 public:
  /// Throws StoreError where the folder cannot be opened.
  explicit SocketAddress(const std::filesystem::path& database);
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  socklen_t size() const { return sizeof address_; }

 private:
  Fd folder_;
  sockaddr_un address_{};
};

}  // namespace vernier::store
