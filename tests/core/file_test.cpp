#include "core/file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "core/error.h"

namespace vernier {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "vernier-file-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  fs::path operator/(const char* name) const { return path_ / name; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void write(const fs::path& path, const std::string& text) {
  write_file_durably(path, std::as_bytes(std::span(text)));
}

std::size_t entries(const fs::path& path) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), {}));
}

template <class E>
std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const E& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("what was written is read back, and nothing else stays in the folder") {
  const Folder folder;
  const std::string zeros("a\0b\r\n\xFF", 6);
  write(folder / "file", "first");
  write(folder / "file", zeros);
  CHECK(read_text(folder / "file") == zeros);
  CHECK(read_file(folder / "file").size() == 6);
  write(folder / "file", "");
  CHECK(read_text(folder / "file").empty());
  CHECK(entries(folder.path()) == 1);
  const std::string large(3 << 20, 'x');
  write(folder / "large", large);
  CHECK(read_text(folder / "large") == large);
}

TEST_CASE("files that tell no size are read to their end") {
  CHECK(read_text("/proc/self/status").find("Pid:") != std::string::npos);
  CHECK(read_text("/dev/null").empty());
}

TEST_CASE("what cannot be read is named with its reason") {
  const Folder folder;
  CHECK(error_of<UsageError>([&] { read_text(folder / "none"); }) ==
        "[" + (folder / "none").string() +
            "] cannot be read: no such file; expected a readable file");
  CHECK(error_of<UsageError>([&] { read_file(folder.path()); }).find("is a directory") !=
        std::string::npos);
}

TEST_CASE("a write that fails throws StoreError and leaves the old content and no remains") {
  const Folder folder;
  CHECK(error_of<StoreError>([&] { write(folder / "none/file", "x"); }).find("no such folder") !=
        std::string::npos);
  fs::create_directory(folder / "occupied");
  write(folder / "occupied/inside", "kept");
  CHECK_THROWS_AS(write(folder / "occupied", "x"), StoreError);
  CHECK(read_text(folder / "occupied/inside") == "kept");
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("a descriptor is closed exactly once, by its last owner") {
  Fd first(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int number = first.get();
  REQUIRE(first);
  Fd second(std::move(first));
  CHECK_FALSE(first);  // NOLINT(bugprone-use-after-move): empty is what is promised
  CHECK(second.get() == number);
  Fd third;
  third = std::move(second);
  CHECK(::fcntl(number, F_GETFD) != -1);
  third.reset();
  CHECK(::fcntl(number, F_GETFD) == -1);
  CHECK_FALSE(third);
}

}  // namespace vernier
