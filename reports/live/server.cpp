#include "reports/live/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>

#include "core/clock.h"
#include "core/error.h"
#include "core/file.h"

namespace vernier::reports::live {

namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::string header(MHD_Connection* connection, const char* name) {
  const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value ? value : "";
}

MHD_Result add_argument(void* list, MHD_ValueKind, const char* key, const char* value) {
  static_cast<Request*>(list)->query.emplace_back(key ? key : "", value ? value : "");
  return MHD_YES;
}

/// Nothing is decoded before the site sees it.
std::size_t keep_escapes(void*, MHD_Connection*, char* text) { return std::strlen(text); }

MHD_Result count_host(void* n, MHD_ValueKind, const char* key, const char*) {
  if (strcasecmp(key, "Host") == 0) ++*static_cast<int*>(n);
  return MHD_YES;
}

}  // namespace

struct Server::Impl {
  const Site& site;
  ServerLimits limits;
  SystemClock clock;
  MHD_Daemon* daemon = nullptr;
  std::mutex mutex;
  std::condition_variable stop;
  bool stopping = false;
  std::map<MHD_Connection*, std::pair<int, double>>
      open;  // socket, since when a request is awaited
  std::thread reaper;

  explicit Impl(const Site& s) : site(s) {}

  void listen(unsigned flags, int port);
  void reap();
  MHD_Result respond(MHD_Connection* connection, const Request& request) const;

  static void connected(void* self, MHD_Connection* connection, void**,
                        MHD_ConnectionNotificationCode code);
  static MHD_Result handle(void* self, MHD_Connection* connection, const char* url,
                           const char* method, const char* version, const char* upload,
                           std::size_t* size, void** request);
  static void completed(void* self, MHD_Connection* connection, void** request,
                        MHD_RequestTerminationCode);
};

void Server::Impl::connected(void* self, MHD_Connection* connection, void**,
                             MHD_ConnectionNotificationCode code) {
  Impl& impl = *static_cast<Impl*>(self);
  const std::lock_guard lock(impl.mutex);
  if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
    impl.open.erase(connection);
    return;
  }
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  impl.open[connection] = {info ? info->connect_fd : -1, impl.clock.monotonic()};
}

MHD_Result Server::Impl::handle(void* self, MHD_Connection* connection, const char* url,
                                const char* method, const char*, const char* upload,
                                std::size_t* size, void** state) {
  Impl& impl = *static_cast<Impl*>(self);
  auto* request = static_cast<Request*>(*state);
  if (!request) {
    request = new Request{method,
                          url,
                          {},
                          header(connection, "Host"),
                          header(connection, "Origin"),
                          header(connection, "Sec-Fetch-Site"),
                          header(connection, "Content-Type"),
                          header(connection, "X-Vernier-Token"),
                          ""};
    *state = request;  // freed by completed()
    int hosts = 0;
    MHD_get_connection_values(connection, MHD_HEADER_KIND, count_host, &hosts);
    if (hosts != 1) request->host.clear();
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, add_argument, request);
    return MHD_YES;
  }
  if (*size > 0) {
    // One byte more than allowed is kept: the site refuses it.
    const std::size_t room = kMostBody + 1 - std::min(kMostBody + 1, request->body.size());
    request->body.append(upload, std::min(room, *size));
    *size = 0;
    return MHD_YES;
  }
  return impl.respond(connection, *request);
}

MHD_Result Server::Impl::respond(MHD_Connection* connection, const Request& request) const {
  const Response answer = site.answer(request);
  // libmicrohttpd holds the body until it is sent; it does not write to it.
  auto* kept = new std::shared_ptr<const std::string>(
      answer.body ? answer.body : std::make_shared<const std::string>());
  MHD_Response* response = MHD_create_response_from_buffer_with_free_callback_cls(
      (*kept)->size(), const_cast<char*>((*kept)->data()),
      [](void* held) { delete static_cast<std::shared_ptr<const std::string>*>(held); }, kept);
  if (!response) {
    delete kept;
    return MHD_NO;
  }
  const auto add = [&](const char* name, const std::string& value) {
    MHD_add_response_header(response, name, value.c_str());
  };
  add("Content-Type", answer.type);
  add("Content-Security-Policy", site.policy());
  add("X-Content-Type-Options", "nosniff");
  add("X-Frame-Options", "DENY");
  add("Referrer-Policy", "no-referrer");
  add("Cross-Origin-Resource-Policy", "same-origin");
  add("Cache-Control", "no-store");
  for (const auto& [name, value] : answer.headers) add(name.c_str(), value);
  const MHD_Result result =
      MHD_queue_response(connection, static_cast<unsigned>(answer.status), response);
  MHD_destroy_response(response);
  return result;
}

void Server::Impl::completed(void* self, MHD_Connection* connection, void** request,
                             MHD_RequestTerminationCode) {
  Impl& impl = *static_cast<Impl*>(self);
  delete static_cast<Request*>(*request);
  *request = nullptr;
  const std::lock_guard lock(impl.mutex);
  if (const auto found = impl.open.find(connection); found != impl.open.end())
    found->second.second = impl.clock.monotonic();
}

/// libmicrohttpd ends what stands still; a client that sends a byte now and then is ended here.
void Server::Impl::reap() {
  std::unique_lock lock(mutex);
  while (!stop.wait_for(lock, std::chrono::milliseconds(500), [&] { return stopping; })) {
    const double now = clock.monotonic();
    for (const auto& [connection, each] : open) {
      if (now - each.second > limits.request_seconds) shutdown(each.first, SHUT_RDWR);
    }
  }
}

void Server::Impl::listen(unsigned flags, int port) {
  const sockaddr_in address = loopback(port);
  std::vector<MHD_OptionItem> options{
      {MHD_OPTION_CONNECTION_LIMIT, static_cast<intptr_t>(limits.connections), nullptr},
      {MHD_OPTION_CONNECTION_TIMEOUT, static_cast<intptr_t>(limits.idle_seconds), nullptr},
      {MHD_OPTION_CONNECTION_MEMORY_LIMIT, static_cast<intptr_t>(limits.header_bytes), nullptr},
      {MHD_OPTION_NOTIFY_COMPLETED, reinterpret_cast<intptr_t>(&completed), this},
      {MHD_OPTION_NOTIFY_CONNECTION, reinterpret_cast<intptr_t>(&connected), this},
      {MHD_OPTION_UNESCAPE_CALLBACK, reinterpret_cast<intptr_t>(&keep_escapes), nullptr}};
  if (flags & MHD_USE_INTERNAL_POLLING_THREAD) {
    options.push_back(
        {MHD_OPTION_THREAD_POOL_SIZE, static_cast<intptr_t>(limits.threads), nullptr});
    options.push_back(
        {MHD_OPTION_SOCK_ADDR, 0, const_cast<void*>(static_cast<const void*>(&address))});
  }
  options.push_back({MHD_OPTION_END, 0, nullptr});
  daemon = MHD_start_daemon(flags, static_cast<std::uint16_t>(port), nullptr, nullptr, &handle,
                            this, MHD_OPTION_ARRAY, options.data(), MHD_OPTION_END);
  if (!daemon)
    fail<Error>("[serve] cannot listen on 127.0.0.1:{}: {}; expected a free port (--port)", port,
                std::strerror(errno));
}

Server::Server(const Site& site, int port, ServerLimits limits)
    : impl_(std::make_unique<Impl>(site)) {
  impl_->limits = limits;
  impl_->listen(MHD_USE_EPOLL_INTERNAL_THREAD, port);
  impl_->reaper = std::thread([impl = impl_.get()] { impl->reap(); });
}

Server::Server(const Site& site, Unplugged) : impl_(std::make_unique<Impl>(site)) {
  impl_->limits.idle_seconds = 0;
  impl_->listen(MHD_USE_NO_LISTEN_SOCKET, 0);
}

Server::~Server() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->stop.notify_all();
  if (impl_->reaper.joinable()) impl_->reaper.join();
  MHD_stop_daemon(impl_->daemon);
}

unsigned Server::connections() const {
  const std::lock_guard lock(impl_->mutex);
  return static_cast<unsigned>(impl_->open.size());
}

std::string Server::talk(std::string_view bytes) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
    fail<Error>("[serve] no socket: {}", std::strerror(errno));
  Fd mine(ends[0]);
  // The daemon closes its end, also where it refuses the connection.
  const sockaddr_in address = loopback(1);
  if (MHD_add_connection(impl_->daemon, ends[1], reinterpret_cast<const sockaddr*>(&address),
                         sizeof address) != MHD_YES)
    return "";
  std::string answer;
  char buffer[16384];
  bool shut = false;
  for (int idle = 0; idle < 3;) {
    bool moved = false;
    if (!bytes.empty()) {
      const auto sent = send(mine.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
      moved = sent > 0;
      if (sent < 0 && errno != EAGAIN) bytes = {};
    } else if (!shut) {
      shutdown(mine.get(), SHUT_WR);
      shut = moved = true;
    }
    MHD_run(impl_->daemon);
    for (;;) {
      const auto got = recv(mine.get(), buffer, sizeof buffer, 0);
      if (got > 0) answer.append(buffer, static_cast<std::size_t>(got));
      if (got > 0) moved = true;
      if (got == 0) return answer;
      if (got < 0) break;
    }
    idle = moved ? 0 : idle + 1;
  }
  mine.reset();
  MHD_run(impl_->daemon);
  return answer;
}

int free_port(int first) {
  for (int port = first; port < first + 100 && port < 65536; ++port) {
    const Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port);
    const int on = 1;
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd && bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
      return port;
  }
  fail<Error>("[serve] no free port from {} to {}", first, first + 99);
}

}  // namespace vernier::reports::live
