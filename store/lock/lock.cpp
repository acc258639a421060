#include "store/lock/lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>

#include "core/clock.h"
#include "core/error.h"
#include "core/json.h"
#include "core/text.h"

namespace vernier::store {
namespace {

struct flock whole_file(short type) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  return range;
}

std::string host_name() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return name;
}

std::string describe_holder(int fd) {
  char buffer[1024];
  const auto size = pread(fd, buffer, sizeof buffer, 0);
  const Json json = Json::parse(
      std::string_view(buffer, size > 0 ? static_cast<std::size_t>(size) : 0), nullptr, false);
  // The file says what it says: a holder may be between locking and writing it.
  if (!json.is_object() || !json.contains("pid") || !json["pid"].is_number_integer() ||
      !json.contains("host") || !json["host"].is_string() || !json.contains("since") ||
      !json["since"].is_number()) {
    return "another process";
  }
  const auto since = static_cast<std::time_t>(json["since"].get<double>());
  std::tm local{};
  localtime_r(&since, &local);
  char when[64] = "";
  std::strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &local);
  return fmt::format("process {} on {} since {}", json["pid"].get<std::int64_t>(),
                     printable(json["host"].get<std::string>()), when);
}

}  // namespace

std::filesystem::path lock_path(const std::filesystem::path& database) {
  std::filesystem::path path = database;
  path += ".lock";
  return path;
}

WriterLock::WriterLock(const std::filesystem::path& database) {
  const auto path = lock_path(database);
  fd_ = Fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!fd_) {
    fail<StoreError>("[{}] cannot open the lock file {}: {}", database.string(), path.string(),
                     std::strerror(errno));
  }
  auto range = whole_file(F_WRLCK);
  if (fcntl(fd_.get(), F_OFD_SETLK, &range) != 0) {
    if (errno != EAGAIN && errno != EACCES) {
      fail<StoreError>("[{}] this file system cannot lock {}: {}", database.string(), path.string(),
                       std::strerror(errno));
    }
    fail<StoreError>(
        "[{}] being written by {}; one writer per database: wait for it, stop it, or use another "
        "file (--db)",
        database.string(), describe_holder(fd_.get()));
  }
  const std::string text =
      Json{{"host", host_name()}, {"pid", getpid()}, {"since", SystemClock().wall()}}.dump(
          -1, ' ', false, Json::error_handler_t::replace) +
      "\n";
  if (ftruncate(fd_.get(), 0) != 0 ||
      pwrite(fd_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    // A full disk leaves the lock nameless, and no less a lock.
  }
}

bool is_locked(const std::filesystem::path& database) {
  const Fd fd(open(lock_path(database).c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return false;
  auto range = whole_file(F_RDLCK);
  return fcntl(fd.get(), F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

std::string lease_owner() {
  std::string boot;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), boot);
  std::string stat;
  std::getline(std::ifstream("/proc/self/stat"), stat);
  // Field 22, counted after the command's name, which may hold blanks and brackets.
  const auto after = stat.rfind(')');
  const auto fields = split(after == std::string::npos ? "" : stat.substr(after + 1), ' ');
  return fmt::format("{}:{}:{}", boot, getpid(), fields.size() > 20 ? fields[20] : "0");
}

}  // namespace vernier::store
