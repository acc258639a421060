// The live page's HTTP: the bytes of one client, through libmicrohttpd to the site and back. A target of the kind of targets.h.
#include <cstdlib>
#include <iostream>
#include <string>

#include "core/error.h"
#include "reports/live/server.h"
#include "tests/fuzz/targets.h"

namespace vernier::fuzz {
namespace {

using namespace reports::live;

constexpr std::string_view kPage =
    "<meta http-equiv=\"Content-Security-Policy\" "
    "content=\"default-src 'none'\">{{title}}{{data}}";

struct Fixed final : Source {
  int edits = 0;
  Snapshot now() override { return {7, std::make_shared<const std::string>("packed")}; }
  Json artifacts(const std::string& study, int number) override {
    if (number == 404) fail<NotFoundError>("[store] no trial {}#{}", study, number);
    return Json::array({study});
  }
  void edit(const Json& request) override {
    if (request["study"] == "held") fail<StoreError>("[store] held");
    ++edits;
  }
};

struct Scene {
  Fixed source;
  Site site{kPage, source, {8787, "t", "secret"}};
  Server server{site, Server::Unplugged{}};
};

}  // namespace

/// What must hold: no crash; nothing is edited by bytes without the token; an answer of 200 names a Host of this machine.
void http(const std::uint8_t* data, std::size_t size) {
  static Scene scene;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const int before = scene.source.edits;
  const std::string answer = scene.server.talk(bytes);
  const auto lacks = [&](std::string_view word) { return bytes.find(word) == bytes.npos; };
  const bool edited = scene.source.edits != before;
  const bool found = answer.find(" 200 OK\r\n") != answer.npos;
  if ((edited && lacks("secret")) || (found && lacks(":8787"))) {
    std::cerr << "answered what it must not: " << answer << "\n";
    std::abort();
  }
}

}  // namespace vernier::fuzz
