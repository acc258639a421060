#include "reports/live/site.h"

#include <sys/random.h>

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "reports/html/page.h"

namespace vernier::reports::live {

namespace {

constexpr std::string_view kMeta = "<meta http-equiv=\"Content-Security-Policy\" content=\"";

Response reply(int status, std::string type, std::string body) {
  return {status, std::move(type), std::make_shared<const std::string>(std::move(body)), {}};
}

Response say(int status, const std::string& text) {
  return reply(status, "text/plain; charset=utf-8", text + "\n");
}

Response json(int status, const Json& body) {
  return reply(status, "application/json",
               body.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::optional<std::string> argument(const Request& request, std::string_view name) {
  for (const auto& [key, value] : request.query)
    if (key == name) return decoded(value);
  return std::nullopt;
}

Response method_not_allowed(const char* allowed) {
  Response response = say(405, std::string("only ") + allowed);
  response.headers.emplace_back("Allow", allowed);
  return response;
}

/// A list of words of an edit: at most 50 of at most 200 bytes.
bool words(const Json& request, const char* key) {
  if (!request.contains(key)) return true;
  const Json& list = request[key];
  return list.is_array() && list.size() <= 50 &&
         std::all_of(list.begin(), list.end(), [](const Json& word) {
           return word.is_string() && word.get_ref<const std::string&>().size() <= 200;
         });
}

/// What is wrong with an edit; empty where nothing is.
std::string problem_of(const Json& request) {
  if (!request.is_object()) return "expected a JSON object";
  for (const char* key : {"do", "study"})
    if (!request.contains(key) || !request[key].is_string())
      return std::string("expected a text '") + key + "'";
  if (!request.contains("number") || !request["number"].is_number_integer() ||
      request["number"].get<std::int64_t>() < 0 ||
      request["number"].get<std::int64_t>() > 1'000'000'000)
    return "expected a trial's 'number'";
  const std::string what = request["do"];
  if (what == "note") {
    if (!request.contains("text") || !request["text"].is_string()) return "expected a 'text'";
  } else if (what == "tag") {
    if (!words(request, "add") || !words(request, "remove"))
      return "expected lists of words 'add' and 'remove'";
  } else if (what != "stop") {
    return "expected note, tag or stop";
  }
  return "";
}

}  // namespace

std::optional<std::string> decoded(std::string_view text) {
  if (text.size() > 1200) return std::nullopt;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = digit(text[i + 1]), low = digit(text[i + 2]);
      if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
      out += static_cast<char>(16 * high + low);
      i += 2;
    }
  }
  if (out.size() > 400) return std::nullopt;
  return out;
}

bool equal_secrets(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

std::string new_token() {
  unsigned char bytes[16];
  if (getrandom(bytes, sizeof bytes, 0) != static_cast<ssize_t>(sizeof bytes))
    fail<Error>("[serve] the system gave no random numbers");
  std::string token;
  for (const unsigned char byte : bytes) token += fmt::format("{:02x}", byte);
  return token;
}

Site::Site(std::string_view page, Source& source, SiteOptions options)
    : source_(source), options_(std::move(options)) {
  const auto meta = page.find(kMeta);
  const auto end = meta == page.npos ? page.npos : page.find("\">", meta);
  if (end == page.npos) fail<Error>("[serve] the page has no policy");
  const auto begin = meta + kMeta.size();
  policy_ =
      std::string(page.substr(begin, end - begin)) + "; connect-src 'self'; frame-ancestors 'none'";
  const std::string bare = std::string(page.substr(0, meta)) + std::string(page.substr(end + 2));
  page_ = std::make_shared<const std::string>(fill_page(bare, options_.title, {}));
}

bool Site::is_host(std::string_view host) const {
  const std::string port = ":" + std::to_string(options_.port);
  if (!host.ends_with(port)) return false;
  host.remove_suffix(port.size());
  std::string name(host);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return name == "127.0.0.1" || name == "localhost" || name == "[::1]";
}

Response Site::answer(const Request& request) const {
  try {
    // A name that resolves to this machine (DNS rebinding) is not this machine's name.
    if (!is_host(request.host)) return say(403, "this page is served to 127.0.0.1 alone");
    return route(request);
  } catch (const NotFoundError& error) {
    return json(404, {{"error", error.what()}});
  } catch (const UsageError& error) {
    return json(400, {{"error", error.what()}});
  } catch (const std::exception& error) {
    return json(500, {{"error", error.what()}});
  }
}

Response Site::route(const Request& request) const {
  const std::string& target = request.target;
  if (target == "/api/edit")
    return request.method == "POST" ? edit(request) : method_not_allowed("POST");
  const bool known = target == "/" || target == "/favicon.ico" || target == "/api/changes" ||
                     target == "/api/data" || target == "/api/artifacts";
  if (!known) return say(404, "not here");
  if (request.method != "GET" && request.method != "HEAD") return method_not_allowed("GET, HEAD");
  if (target == "/") return {200, "text/html; charset=utf-8", page_, {}};
  if (target == "/favicon.ico") return reply(204, "image/x-icon", "");
  if (target == "/api/changes")
    return json(200, {{"seq", source_.now().seq}, {"edit", editable()}});
  if (target == "/api/data") {
    const Snapshot now = source_.now();
    return {
        200, "application/octet-stream", now.data, {{"X-Vernier-Seq", std::to_string(now.seq)}}};
  }
  const auto study = argument(request, "study");
  const auto number = parse_int(argument(request, "number").value_or(""));
  if (!study || !number || *number < 0 || *number > 1'000'000'000)
    return say(400, "expected study=NAME&number=N");
  return json(200, source_.artifacts(*study, static_cast<int>(*number)));
}

Response Site::edit(const Request& request) const {
  if (!editable()) return json(403, {{"error", "started without --edit: nothing can be changed"}});
  // A form of another site cannot set this header, and does not know the token.
  if (!equal_secrets(request.token, options_.token))
    return json(403,
                {{"error", "the token is missing or wrong; open the link that serve printed"}});
  if (!request.origin.empty() && request.origin != "http://" + request.host)
    return json(403, {{"error", "asked by another site"}});
  if (!request.fetch_site.empty() && request.fetch_site != "same-origin")
    return json(403, {{"error", "asked by another site"}});
  if (!request.content_type.starts_with("application/json"))
    return json(415, {{"error", "expected application/json"}});
  if (request.body.size() > kMostBody) return json(413, {{"error", "too long"}});
  const Json body = Json::parse(request.body, nullptr, false);
  if (const std::string problem = problem_of(body); !problem.empty())
    return json(400, {{"error", problem}});
  source_.edit(body);
  return json(200, {{"ok", true}});
}

}  // namespace vernier::reports::live
