// Against a server on this machine: python3's own.
#include "cli/download.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "experiments/scheduler/process.h"

using namespace vernier;
using namespace vernier::cli;

namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "vernier-download-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
};

/// Serves a folder on a port of its own until it goes.
class Server {
 public:
  explicit Server(const fs::path& folder) {
    experiments::ChildOptions options;
    options.argv = {"python3", "-u",        "-m",          "http.server",
                    "--bind",  "127.0.0.1", "--directory", folder.string(),
                    "0"};
    child_ = experiments::start_child(options);
    std::string said;  // "Serving HTTP on 127.0.0.1 port 41234 (http://...) ..."
    while (said.find(" (") == std::string::npos) {
      pollfd ready{child_.output.get(), POLLIN, 0};
      REQUIRE(poll(&ready, 1, 30'000) == 1);
      REQUIRE(experiments::drain(child_.output, said));
    }
    const std::size_t at = said.find("port ") + 5;
    url_ = "http://127.0.0.1:" + said.substr(at, said.find(' ', at) - at) + "/";
  }
  ~Server() {
    experiments::signal_group(child_, SIGKILL);
    experiments::reap(child_);
  }
  const std::string& url() const { return url_; }

 private:
  experiments::Child child_;
  std::string url_;
};

std::string shell(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  char buffer[256];
  while (fgets(buffer, sizeof buffer, pipe) != nullptr) text += buffer;
  REQUIRE(pclose(pipe) == 0);
  return std::string(trim(text));
}

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

std::string refusal(const engine::Download& download, const std::string& url, const fs::path& to) {
  try {
    fetch(download, url, to, [](const std::string&) {});
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

bool holds_nothing(const fs::path& folder) { return fs::is_empty(folder); }

}  // namespace

TEST_CASE("files are downloaded once and checked; a damaged one is downloaded again") {
  const Folder served, home;
  write(served.path / "a.bin", "alpha");
  write(served.path / "b.txt", "beta");
  shell("gzip -n '" + (served.path / "b.txt").string() + "'");
  const engine::Download set{"s",
                             "",
                             {{"a.bin", "2c1743a391305fbf367df8e4f069f9f9"},
                              {"b.txt.gz", "987bcab01b929eb2c07877b224215c92", true}},
                             {}};
  const Server server(served.path);
  int told = 0;
  const auto again = [&] {
    return fetch(set, server.url(), home.path / "s", [&](const std::string&) { ++told; });
  };
  auto fetched = again();
  REQUIRE(fetched.size() == 2);
  CHECK(!fetched[0].there_already);
  CHECK(told == 2);
  CHECK(read_text(home.path / "s/a.bin") == "alpha");
  CHECK(again()[1].there_already);
  CHECK(told == 2);
  write(home.path / "s/a.bin", "alpha, damaged");
  fetched = again();
  CHECK(!fetched[0].there_already);
  CHECK(fetched[1].there_already);
  CHECK(read_text(home.path / "s/a.bin") == "alpha");
}

TEST_CASE("another checksum, a missing file and no server are errors that leave nothing behind") {
  const Folder served, home;
  write(served.path / "a.bin", "not alpha");
  engine::Download set{"s", "", {{"a.bin", "2c1743a391305fbf367df8e4f069f9f9"}}, {}};
  std::string url;
  {
    const Server server(served.path);
    url = server.url();
    std::string text = refusal(set, url, home.path);
    CAPTURE(text);
    CHECK(text.find("a.bin: md5 ") != std::string::npos);
    CHECK(text.find("; expected 2c1743a391305fbf367df8e4f069f9f9") != std::string::npos);
    CHECK(holds_nothing(home.path));
    set.files[0].name = "missing.bin";
    text = refusal(set, url, home.path);
    CHECK(text.find("404") != std::string::npos);
    CHECK(holds_nothing(home.path));
  }
  CHECK(refusal(set, url, home.path).find("[datasets get] http://127.0.0.1") != std::string::npos);
  CHECK(holds_nothing(home.path));
}

TEST_CASE("an archive is unpacked without its outer folder, and must hold what the set needs") {
  const Folder served, home;
  write(served.path / "inner-1.0/train.bin", "train");
  write(served.path / "inner-1.0/test.bin", "test");
  const std::string archive = (served.path / "set.tar.gz").string();
  shell("tar -C '" + served.path.string() + "' -czf '" + archive + "' inner-1.0");
  const std::string md5 = shell("md5sum <'" + archive + "'").substr(0, 32);
  engine::Download set{"s", "", {{"set.tar.gz", md5}}, {"train.bin", "test.bin"}};
  const Server server(served.path);
  CHECK(!fetch(set, server.url(), home.path, [](const std::string&) {})[0].there_already);
  CHECK(read_text(home.path / "train.bin") == "train");
  CHECK(read_text(home.path / "test.bin") == "test");
  CHECK(!fs::exists(home.path / "set.tar.gz.part"));
  CHECK(fetch(set, server.url(), home.path, [](const std::string&) {})[0].there_already);
  set.unpacked.push_back("more.bin");
  CHECK(refusal(set, server.url(), home.path).find("does not hold") != std::string::npos);
}

TEST_CASE("what cannot be had is refused with the nearest name") {
  CHECK_THROWS_WITH_AS(engine::find_download("mnits"), doctest::Contains("mnist"), UsageError);
  for (const engine::Download& set : engine::downloads()) {
    CHECK(set.url.ends_with('/'));
    for (const auto& file : set.files) CHECK(file.md5.size() == 32);
    CHECK((set.unpacked.empty() || set.files.size() == 1));
  }
}
