// What the live page answers: a list of allowed paths, the Host that may be named, the token that edits need. No sockets here.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/live/source.h"

namespace vernier::reports::live {

/// As it came; `target` is the raw path, never decoded: anything that is not literally on the list is not found.
struct Request {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> query;  // raw names and values
  std::string host, origin, fetch_site, content_type, token;
  std::string body;
};

struct Response {
  int status = 200;
  std::string type;
  std::shared_ptr<const std::string> body;
  std::vector<std::pair<std::string, std::string>> headers;  // beside those of every answer
};

struct SiteOptions {
  int port = 0;
  std::string title;
  std::string token;  // empty: nothing can be edited
};

/// The largest body of an edit, bytes.
inline constexpr std::size_t kMostBody = 64 << 10;

class Site {
 public:
  /// `page`: page_template(). Throws Error where it lacks its marks or its policy.
  Site(std::string_view page, Source& source, SiteOptions options);

  /// Never throws. 400 malformed, 403 wrong Host, origin or token, 404 not on the list, 405 wrong method, 413 and 415 bodies, 500
  /// what the source could not do.
  Response answer(const Request& request) const;

  /// Of the page and of every other answer: the file's policy with connect-src 'self' and no frames.
  const std::string& policy() const { return policy_; }
  /// Whether a Host header names this machine: 127.0.0.1, localhost or [::1] with this port.
  bool is_host(std::string_view host) const;
  bool editable() const { return !options_.token.empty(); }

 private:
  Response route(const Request& request) const;
  Response edit(const Request& request) const;

  Source& source_;
  SiteOptions options_;
  std::string policy_;
  std::shared_ptr<const std::string> page_;
};

/// %XX and + decoded; nullopt where an escape is cut or holds a NUL, and beyond 400 bytes.
std::optional<std::string> decoded(std::string_view text);

/// Takes the same time wherever two texts of one length differ.
bool equal_secrets(std::string_view a, std::string_view b);

/// 32 hexadecimal digits from the system's random numbers.
std::string new_token();

}  // namespace vernier::reports::live
