#include "core/base64.h"

#include <doctest/doctest.h>

#include <span>
#include <string>

using namespace vernier;

TEST_CASE("base64, the vectors of RFC 4648") {
  const auto of = [](const std::string& text) {
    return base64(std::span(reinterpret_cast<const unsigned char*>(text.data()), text.size()));
  };
  CHECK(of("") == "");
  CHECK(of("f") == "Zg==");
  CHECK(of("fo") == "Zm8=");
  CHECK(of("foobar") == "Zm9vYmFy");
  for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"})
    CHECK(from_base64(of(text)) == text);
  for (const char* wrong : {"Z", "Zg=", "Zg", "Z===", "=Zg=", "Zg==Zg==", "Zm9v\n", "Zm9*"})
    CHECK_FALSE(from_base64(wrong).has_value());
}
