// Files and folders with clear errors.
#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace vernier {

/// The whole file; throws UsageError naming path and reason ("no such file", "is a directory", ...).
std::vector<std::byte> read_file(const std::filesystem::path& path);
std::string read_text(const std::filesystem::path& path);
/// Temporary file beside it, fsync, rename, fsync of the folder: after a crash either the old or the new content. Throws StoreError.
void write_file_durably(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// A file descriptor that closes itself.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

}  // namespace vernier
