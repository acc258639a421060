#include "reports/html/page.h"

#include <doctest/doctest.h>

#include <string>

#include "core/error.h"

using namespace vernier::reports;

TEST_CASE("deflate and inflate; a damaged stream is refused") {
  Bytes bytes(100000, 'x');
  bytes[500] = 'y';
  Bytes stream = deflate(bytes);
  CHECK(stream.size() < 1000);
  CHECK(inflate(stream) == bytes);
  stream.resize(stream.size() / 2);
  CHECK_THROWS_AS(inflate(stream), vernier::UsageError);
}

TEST_CASE("a title cannot leave its element, nor pose as the data mark") {
  const std::string page = fill_page("<title>{{title}}</title><script>{{data}}</script>",
                                     "</title><b>\"{{data}}'&", {1, 2, 3});
  CHECK(page ==
        "<title>&lt;/title&gt;&lt;b&gt;&quot;{{data}}&#39;&amp;</title><script>AQID</script>");
  CHECK_THROWS_AS(fill_page("no marks", "t", {}), vernier::Error);
}

TEST_CASE("the embedded page is whole, strict and within its size") {
  const auto page = page_template();
  CHECK(page.substr(0, 15) == "<!doctype html>");
  CHECK(page.find("{{title}}") != page.npos);
  CHECK(page.find("{{data}}") != page.npos);
  CHECK(page.find("{{policy}}") == page.npos);
  CHECK(page.find("default-src 'none'; script-src 'sha256-") != page.npos);
  CHECK(page.find("unsafe-inline") == page.npos);
  CHECK(page.size() <= 341000);  // 333 KB with the script at 250 KB
}
