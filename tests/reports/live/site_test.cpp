#include "reports/live/site.h"

#include <doctest/doctest.h>

#include <random>
#include <set>

#include "core/error.h"

using namespace vernier;
using namespace vernier::reports::live;

namespace {

constexpr std::string_view kPage =
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
    "'none'\"><title>{{title}}</title>{{data}}";

struct Fixed final : Source {
  std::vector<Json> edits;
  Snapshot now() override { return {7, std::make_shared<const std::string>("packed")}; }
  Json artifacts(const std::string& study, int number) override {
    if (study != "a b" || number != 17)
      fail<NotFoundError>("[store] no trial {}#{}", study, number);
    return Json::array();
  }
  void edit(const Json& request) override {
    if (request["study"] == "held") fail<StoreError>("[store] held");
    edits.push_back(request);
  }
};

struct Scene {
  Fixed source;
  Site site{kPage, source, {8787, "<t>", "secret"}};

  static Request get(const std::string& target) {
    Request request;
    request.method = "GET";
    request.target = target;
    request.host = "127.0.0.1:8787";
    return request;
  }
  static Request post(const std::string& body) {
    Request request = get("/api/edit");
    request.method = "POST";
    request.body = body;
    request.token = "secret";
    request.content_type = "application/json; charset=utf-8";
    request.origin = "http://127.0.0.1:8787";
    request.fetch_site = "same-origin";
    return request;
  }
  int status(const Request& request) const { return site.answer(request).status; }
};

}  // namespace

TEST_CASE("the page has its policy as a header, its title escaped, and no data") {
  const Scene scene;
  const Response page = scene.site.answer(Scene::get("/"));
  CHECK(page.status == 200);
  CHECK(*page.body == "<title>&lt;t&gt;</title>");
  CHECK(scene.site.policy() == "default-src 'none'; connect-src 'self'; frame-ancestors 'none'");
  Fixed source;
  CHECK_THROWS_AS(Site("no policy", source, {}), Error);
}

TEST_CASE("changes, data and artifacts are on the list; HEAD as GET") {
  const Scene scene;
  CHECK(*scene.site.answer(Scene::get("/api/changes")).body == R"({"seq":7,"edit":true})");
  CHECK(*scene.site.answer(Scene::get("/api/data")).body == "packed");
  Request artifacts = Scene::get("/api/artifacts");
  artifacts.query = {{"study", "a%20b"}, {"number", "17"}};
  CHECK(*scene.site.answer(artifacts).body == "[]");
  artifacts.query[1].second = "18";
  CHECK(scene.status(artifacts) == 404);
  for (const char* number : {"", "x", "-1", "1e3", "99999999999999999999", "17%00"}) {
    artifacts.query[1].second = number;
    CHECK(scene.status(artifacts) == 400);
  }
  Request head = Scene::get("/");
  head.method = "HEAD";
  CHECK(scene.status(head) == 200);
}

TEST_CASE(
    "a Host that is not this machine's is refused: names that resolve to it, other ports, none") {
  const Scene scene;
  for (const char* host : {"127.0.0.1:8787", "localhost:8787", "LOCALHOST:8787", "[::1]:8787"})
    CHECK(scene.site.is_host(host));
  for (const char* host :
       {"", "127.0.0.1", "127.0.0.1:80", "evil.example:8787", "127.0.0.1.evil.example:8787",
        "localhost.:8787", "127.0.0.1:8787@evil", "127.0.0.1:08787", "127.1:8787", "0.0.0.0:8787",
        "127.0.0.1:8787, localhost:8787"}) {
    CAPTURE(host);
    Request request = Scene::get("/");
    request.host = host;
    CHECK(scene.status(request) == 403);
  }
}

TEST_CASE("2,000 encodings of paths: none is found that is not literally on the list") {
  const Scene scene;
  const std::set<std::string> allowed{"/",         "/favicon.ico",   "/api/changes",
                                      "/api/data", "/api/artifacts", "/api/edit"};
  std::mt19937 random(5);
  const auto pick = [&](auto&& list) { return std::data(list)[random() % std::size(list)]; };
  const char* const parts[] = {"api",        "data",   "changes",   "..",        ".",
                               "",           "etc",    "passwd",    "%2e%2e",    "%2E.",
                               "%252e",      "..%2f",  "%5c..",     "\\..",      "%00",
                               "api%2fdata", "%c0%ae", "%ef%bc%8f", "a\xC3\xA9", "DATA",
                               "data;x",     "data.",  "data%20",   "~root",     "edit"};
  int tried = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string path;
    for (int k = 0, n = 1 + static_cast<int>(random() % 5); k < n; ++k)
      path += pick(std::initializer_list<const char*>{"/", "//", "/./", "\\"}) +
              std::string(pick(parts));
    if (random() % 3 == 0) {  // escape some letters of an allowed one
      path = "/api/data";
      for (std::size_t at = path.size(); at-- > 1;)
        if (random() % 3 == 0)
          path.replace(at, 1, fmt::format("%{:02x}", static_cast<unsigned char>(path[at])));
    }
    if (allowed.contains(path)) continue;
    ++tried;
    CAPTURE(path);
    CHECK(scene.status(Scene::get(path)) == 404);
  }
  CHECK(tried > 1800);
}

TEST_CASE("other methods are refused, and nothing is edited without POST and token") {
  Scene scene;
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "get", ""}) {
    Request request = Scene::get("/api/data");
    request.method = method;
    CHECK(scene.status(request) == 405);
  }
  const std::string note = R"({"do":"note","study":"s","number":3,"text":"x"})";
  Request request = Scene::post(note);
  request.method = "GET";
  CHECK(scene.status(request) == 405);
  for (const char* token : {"", "secreT", "secret ", "secretsecret"}) {
    request = Scene::post(note);
    request.token = token;
    CHECK(scene.status(request) == 403);
  }
  request = Scene::post(note);
  request.origin = "http://evil.example";
  CHECK(scene.status(request) == 403);
  request = Scene::post(note);
  request.fetch_site = "cross-site";
  CHECK(scene.status(request) == 403);
  request = Scene::post(note);
  request.content_type = "text/plain";
  CHECK(scene.status(request) == 415);
  request = Scene::post(std::string(kMostBody + 1, ' '));
  CHECK(scene.status(request) == 413);
  CHECK(scene.source.edits.empty());
  CHECK(scene.status(Scene::post(note)) == 200);
  CHECK(scene.source.edits.size() == 1);
  const Site closed(kPage, scene.source, {8787, "t", ""});
  CHECK(closed.answer(Scene::post(note)).status == 403);
}

TEST_CASE("malformed edits are refused; what the store refuses is said") {
  Scene scene;
  for (const char* body :
       {"", "[]", "{", "{}", R"({"do":"note"})", R"({"do":"note","study":"s"})",
        R"({"do":"note","study":"s","number":3})", R"({"do":"rm","study":"s","number":3})",
        R"({"do":"tag","study":"s","number":3,"add":"x"})",
        R"({"do":"tag","study":"s","number":3,"add":[1]})",
        R"({"do":"stop","study":"s","number":-1})", R"({"do":"stop","study":"s","number":1.5})",
        R"({"do":"stop","study":1,"number":1})"}) {
    CAPTURE(body);
    CHECK(scene.status(Scene::post(body)) == 400);
  }
  const Response held =
      scene.site.answer(Scene::post(R"({"do":"stop","study":"held","number":1})"));
  CHECK(held.status == 500);
  CHECK(held.body->find("held") != std::string::npos);
  CHECK(scene.status(Scene::post(
            R"({"do":"tag","study":"s","number":3,"add":["a"],"remove":["b"]})")) == 200);
  CHECK(scene.source.edits.size() == 1);
}

TEST_CASE("escapes are decoded strictly, tokens are long and new") {
  CHECK(decoded("a%20b+c%C3%A9") == "a b c\xC3\xA9");
  CHECK_FALSE(decoded("%").has_value());
  CHECK_FALSE(decoded("%2").has_value());
  CHECK_FALSE(decoded("%zz").has_value());
  CHECK_FALSE(decoded("%00").has_value());
  CHECK_FALSE(decoded(std::string(401, 'a')).has_value());
  CHECK(new_token().size() == 32);
  CHECK(new_token() != new_token());
  CHECK(equal_secrets("abc", "abc"));
  CHECK_FALSE(equal_secrets("abc", "abd"));
  CHECK_FALSE(equal_secrets("abc", "ab"));
}
