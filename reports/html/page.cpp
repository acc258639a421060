#include "reports/html/page.h"

#include "core/base64.h"
#include "core/error.h"

namespace vernier::reports {

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string fill_page(std::string_view page, std::string_view title, const Bytes& packed) {
  constexpr std::string_view kTitle = "{{title}}", kData = "{{data}}";
  const auto title_at = page.find(kTitle);
  const auto data_at = page.find(kData);
  if (title_at == page.npos || data_at == page.npos || data_at < title_at) {
    fail<Error>(
        "[report] the page of {} bytes lacks its marks; expected {{{{title}}}}, then "
        "{{{{data}}}}",
        page.size());
  }
  std::string out(page.substr(0, title_at));
  out += escape_html(title);
  const auto after_title = title_at + kTitle.size();
  out += page.substr(after_title, data_at - after_title);
  out += base64(packed);
  out += page.substr(data_at + kData.size());
  return out;
}

}  // namespace vernier::reports
