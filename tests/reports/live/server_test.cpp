// The server on a real socket of this machine, and a database that grows under it.
#include "reports/live/server.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "core/file.h"
#include "reports/html/page.h"
#include "reports/live/follower.h"
#include "tests/reports/example_study.h"

using namespace vernier;
using namespace vernier::reports;
using namespace vernier::reports::live;

namespace {

Fd connected(int port) {
  Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return {};
  return fd;
}

std::string exchange(int port, std::string request) {
  const Fd fd = connected(port);
  (void)!send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL);
  std::string answer;
  char buffer[65536];
  for (ssize_t n = 0; (n = recv(fd.get(), buffer, sizeof buffer, 0)) > 0;)
    answer.append(buffer, static_cast<std::size_t>(n));
  return answer;
}

std::string get(int port, const std::string& target, const std::string& more = "") {
  return exchange(port, "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                            "\r\nConnection: close\r\n" + more + "\r\n");
}

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/vernier-live-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::filesystem::path db() const { return path_ / "live.db"; }

 private:
  std::filesystem::path path_;
};

struct Scene {
  Folder folder;
  std::vector<Json> edits;
  std::unique_ptr<store::Store> writer;
  std::unique_ptr<Follower> follower;
  int port = free_port(18787);
  std::unique_ptr<Site> site;
  std::unique_ptr<Server> server;

  Scene() {
    writer = std::make_unique<store::Store>(store::Store::open(folder.db(), store::Mode::write));
    example::add_search(*writer, {"one", "random", "full", 1, 8, 6});
    FollowerOptions options;
    options.db = folder.db();
    options.edit = [this](const Json& request) { edits.push_back(request); };
    options.least_pause = 0.01;
    follower = std::make_unique<Follower>(options);
    site = std::make_unique<Site>(page_template(), *follower, SiteOptions{port, "live", "secret"});
    server = std::make_unique<Server>(*site, port);
  }
};

}  // namespace

TEST_CASE("the page, its policy, and the data as a packed payload") {
  const Scene scene;
  const std::string page = get(scene.port, "/");
  CHECK(page.starts_with("HTTP/1.1 200"));
  CHECK(page.find("Content-Security-Policy: default-src 'none'; script-src 'sha256-") !=
        std::string::npos);
  CHECK(page.find("connect-src 'self'; frame-ancestors 'none'") != std::string::npos);
  CHECK(page.find("http-equiv=\"Content-Security-Policy\"") == std::string::npos);
  CHECK(page.find("X-Content-Type-Options: nosniff") != std::string::npos);
  const std::string data = get(scene.port, "/api/data");
  const auto body = data.substr(data.find("\r\n\r\n") + 4);
  const Bytes raw =
      inflate(std::span(reinterpret_cast<const unsigned char*>(body.data()), body.size()));
  CHECK(std::string(raw.begin(), raw.end()).find("\"name\":\"one\"") != std::string::npos);
}

TEST_CASE("what a writer commits is followed: the sequence rises and the new study is there") {
  const Scene scene;
  const auto before = scene.follower->now().seq;
  example::add_search(*scene.writer, {"two", "random", "full", 2, 4, 3});
  // Waits as long as it takes: ctest's own limit ends what never comes.
  while (scene.follower->now().seq == before) usleep(1000);
  for (bool found = false; !found;) {
    const auto data = scene.follower->now().data;
    const Bytes raw =
        inflate(std::span(reinterpret_cast<const unsigned char*>(data->data()), data->size()));
    found = std::string(raw.begin(), raw.end()).find("\"name\":\"two\"") != std::string::npos;
  }
  CHECK(get(scene.port, "/api/changes").find("\"edit\":true") != std::string::npos);
}

TEST_CASE(
    "edits arrive with the token alone; long bodies, two Hosts and paths are refused on the wire "
    "too") {
  const Scene scene;
  const auto post = [&](const std::string& token, const std::string& body) {
    return exchange(
        scene.port,
        "POST /api/edit HTTP/1.1\r\nHost: localhost:" + std::to_string(scene.port) +
            "\r\nConnection: close\r\nContent-Type: application/json\r\nX-Vernier-Token: " + token +
            "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  };
  const std::string note = R"({"do":"note","study":"one","number":3,"text":"x"})";
  CHECK(post("wrong", note).starts_with("HTTP/1.1 403"));
  CHECK(post("secret", std::string(200000, ' ')).find("413") != std::string::npos);
  CHECK(scene.edits.empty());
  CHECK(post("secret", note).starts_with("HTTP/1.1 200"));
  CHECK(scene.edits.size() == 1);
  CHECK(get(scene.port, "/", "Host: localhost:1\r\n").find("200 OK") == std::string::npos);
  CHECK(get(scene.port, "/api%2fdata").starts_with("HTTP/1.1 404"));
  CHECK(get(scene.port, "/../../etc/passwd").starts_with("HTTP/1.1 404"));
  CHECK(get(scene.port, "/", "X: " + std::string(100000, 'a') + "\r\n").find("200 OK") ==
        std::string::npos);
}

TEST_CASE("clients that never finish a request are ended, while others are answered") {
  const Scene scene;
  const int port = free_port(scene.port + 1);
  const Site site(page_template(), *scene.follower, {port, "t", ""});
  ServerLimits limits;
  limits.request_seconds = 0.2;
  const Server server(site, port, limits);
  std::vector<Fd> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(connected(port));
    (void)!send(slow.back().get(), "GET / HTT", 9, MSG_NOSIGNAL);
  }
  CHECK(get(port, "/api/changes").starts_with("HTTP/1.1 200"));
  char byte;
  for (const Fd& fd : slow) CHECK(recv(fd.get(), &byte, 1, 0) <= 0);  // waits for the end
}

TEST_CASE("one client's bytes without a socket to listen on, for fuzzing") {
  Scene scene;
  Server server(*scene.site, Server::Unplugged{});
  const std::string host = "Host: 127.0.0.1:" + std::to_string(scene.port) + "\r\n";
  CHECK(server.talk("GET /api/changes HTTP/1.0\r\n" + host + "\r\n").find("\"seq\":") !=
        std::string::npos);
  CHECK(server.talk("GET /nothing HTTP/1.0\r\n" + host + "\r\n").find(" 404 ") !=
        std::string::npos);
  CHECK(server.talk("\0\xFF garbage\r\n\r\n").find(" 200 ") == std::string::npos);
  CHECK(server.talk("").empty());
}
