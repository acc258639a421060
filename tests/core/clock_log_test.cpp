#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <thread>
#include <vector>

#include "core/clock.h"
#include "core/file.h"
#include "core/log.h"
#include "core/text.h"

namespace vernier {
namespace {

/// Standard error goes to a temporary file while this lives.
class CapturedErrors {
 public:
  CapturedErrors() : file_(std::tmpfile()), saved_(::dup(STDERR_FILENO)) {
    std::fflush(stderr);
    ::dup2(::fileno(file_), STDERR_FILENO);
  }
  ~CapturedErrors() { std::fclose(file_); }
  std::string finish() {
    std::fflush(stderr);
    ::dup2(saved_.get(), STDERR_FILENO);
    std::string text;
    std::rewind(file_);
    for (int c = std::fgetc(file_); c != EOF; c = std::fgetc(file_)) text += static_cast<char>(c);
    return text;
  }

 private:
  std::FILE* file_;
  Fd saved_;
};

}  // namespace

TEST_CASE("monotonic time never goes back and wall time is Unix time") {
  const SystemClock clock;
  double before = clock.monotonic();
  for (int i = 0; i < 1000; ++i) {
    const double now = clock.monotonic();
    REQUIRE(now >= before);
    before = now;
  }
  CHECK(clock.wall() > 1.7e9);
}

TEST_CASE("the log names the level and drops what is below the least one") {
  CapturedErrors captured;
  const Log log = stderr_log(Level::warning);
  log(Level::info, "unseen");
  log(Level::warning, "a");
  log(Level::error, "b");
  stderr_log(Level::info)(Level::info, "seen");
  CHECK(captured.finish() == "warning: a\nerror: b\nseen\n");
}

TEST_CASE("lines of several threads stay whole") {
  CapturedErrors captured;
  const Log log = stderr_log();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) log(Level::error, std::string(50, static_cast<char>('a' + t)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto lines = split(captured.finish(), '\n');
  REQUIRE(lines.size() == 401);
  for (std::size_t i = 0; i < 400; ++i) {
    CHECK(lines[i].size() == 57);
    CHECK(lines[i].find_first_not_of(lines[i].back(), 7) == std::string::npos);
  }
}

}  // namespace vernier
