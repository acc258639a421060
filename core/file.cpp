#include "core/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "core/text.h"

namespace vernier {
namespace {

std::string reason(int code) {
  switch (code) {
    case ENOENT:
      return "no such file";
    case EISDIR:
      return "is a directory";
    case EACCES:
      return "permission denied";
    default:
      return std::strerror(code);
  }
}

template <class Container>
Container read_all(const std::filesystem::path& path) {
  const auto refuse = [&](int code) {
    fail<UsageError>("[{}] cannot be read: {}; expected a readable file", printable(path.string()),
                     reason(code));
  };
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) refuse(errno);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) refuse(errno);
  if (S_ISDIR(info.st_mode)) refuse(EISDIR);
  // The size is a first guess only: pipes and /proc tell none, and a file may grow while it is read.
  Container content;
  content.resize(static_cast<std::size_t>(info.st_size > 0 ? info.st_size : 0) + 1);
  std::size_t used = 0;
  for (;;) {
    if (used == content.size()) content.resize(2 * used);
    const ssize_t got = ::read(file.get(), content.data() + used, content.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse(errno);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  content.resize(used);
  return content;
}

class TemporaryFile {
 public:
  explicit TemporaryFile(std::filesystem::path path) : path_(std::move(path)) {}
  ~TemporaryFile() {
    if (!kept_) ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::filesystem::path& path() const { return path_; }
  void keep() { kept_ = true; }

 private:
  std::filesystem::path path_;
  bool kept_ = false;
};

}  // namespace

std::vector<std::byte> read_file(const std::filesystem::path& path) {
  return read_all<std::vector<std::byte>>(path);
}

std::string read_text(const std::filesystem::path& path) { return read_all<std::string>(path); }

void write_file_durably(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  const auto refuse = [&](const char* what) {
    const int code = errno;
    fail<StoreError>("[{}] cannot be written: {}: {}", printable(path.string()), what,
                     code == ENOENT ? "no such folder" : reason(code));
  };
  static std::atomic<unsigned> count{0};
  std::filesystem::path name = path;
  name += fmt::format(".{}-{}.tmp", ::getpid(), count++);

  Fd file(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!file) refuse("open");
  TemporaryFile temporary(name);
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) refuse("write");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0) refuse("fsync");
  file.reset();
  if (::rename(name.c_str(), path.c_str()) != 0) refuse("rename");
  temporary.keep();

  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const Fd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) refuse("open folder");
  // Some network file systems cannot sync a folder and say EINVAL.
  if (::fsync(directory.get()) != 0 && errno != EINVAL) refuse("fsync folder");
}

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

Fd::~Fd() { reset(); }

void Fd::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

}  // namespace vernier
