// The page as built from reports/web, with a title and a payload put in.
#pragma once
#include <string>
#include <string_view>

#include "reports/html/deflate.h"

namespace vernier::reports {

/// The embedded page: HTML with the marks {{title}} and {{data}}, once each.
std::string_view page_template();
/// The page of the index of claims, with the same marks.
std::string_view index_template();

/// Text for an HTML element's content or a quoted attribute.
std::string escape_html(std::string_view text);

/// `packed` as pack() gives it. Nothing of the payload stands in the HTML but as base64.
std::string fill_page(std::string_view page, std::string_view title, const Bytes& packed);

}  // namespace vernier::reports
