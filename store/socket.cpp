// The writer's socket: one JSON line in, one JSON line out. A thread moves bytes; poll() answers on the caller's thread.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>

#include "core/error.h"
#include "core/file.h"
#include "store/answering_socket.h"
#include "store/socket_path.h"

namespace vernier::store {
namespace {

constexpr std::size_t most_clients = 64;
constexpr std::size_t most_line = 1 << 20;
constexpr int reply_seconds = 10;

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string answer(const WriterSocket::Handler& handler, const Json& request) {
  try {
    return line_of(handler(request));
  } catch (const std::exception& error) {
    return line_of({{"error", error.what()}});
  }
}

}  // namespace

/// What both kinds of socket are: the thread with its clients.
struct SocketThread {
  using Handler = WriterSocket::Handler;
  struct Client {
    Fd fd;
    std::string in, out;
    bool asked = false, closing = false;
  };
  struct Request {
    int client;
    Json json;
  };

  std::filesystem::path path;
  Fd listener, wake;
  std::mutex mutex;  // guards requests and replies
  std::vector<Request> requests;
  std::vector<std::pair<int, std::string>> replies;
  std::map<int, Client> clients;  // of the thread alone
  int next_client = 0;
  std::atomic<bool> stopping = false;
  Handler handler;  // called on the thread; none: requests wait for poll()
  std::thread thread;

  SocketThread(const std::filesystem::path& file, Handler given);
  ~SocketThread();

  void signal() {
    const std::uint64_t one = 1;
    if (write(wake.get(), &one, sizeof one) < 0) {
      // The counter is full: the thread is awake anyway.
    }
  }
  void serve();
  void accept_clients();
  void receive(int id, Client& client);
  static void send(Client& client);
  void take_replies();
};

SocketThread::SocketThread(const std::filesystem::path& file, Handler given)
    : path(socket_path(file)), handler(std::move(given)) {
  wake = Fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  listener = Fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const SocketAddress address(file);
  // The holder of the lock is the only one who may listen: what lies there is left from a dead one.
  unlink(path.c_str());
  // On Linux the mode of the socket before bind() is the mode of its file: nobody else can connect even for a moment.
  if (!wake || !listener || fchmod(listener.get(), 0600) != 0 ||
      bind(listener.get(), address.get(), address.size()) != 0 || listen(listener.get(), 16) != 0) {
    fail<StoreError>("[{}] cannot listen on {}: {}", file.string(), path.string(),
                     std::strerror(errno));
  }
  // Signals are for the threads that know of them: a Ctrl-C that came here would not wake who sleeps there.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread = std::thread([this] { serve(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

SocketThread::~SocketThread() {
  stopping = true;
  signal();
  thread.join();
  unlink(path.c_str());
}

void SocketThread::accept_clients() {
  for (;;) {
    Fd fd(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) return;
    if (clients.size() >= most_clients) continue;  // closed at once
    clients[next_client++].fd = std::move(fd);
  }
}

void SocketThread::receive(int id, Client& client) {
  char buffer[4096];
  const auto size = recv(client.fd.get(), buffer, sizeof buffer, 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0 || client.asked || client.in.size() + static_cast<std::size_t>(size) > most_line) {
    client.closing = true;
    client.out.clear();
    return;
  }
  client.in.append(buffer, static_cast<std::size_t>(size));
  const auto end = client.in.find('\n');
  if (end == std::string::npos) return;
  client.asked = true;
  Json json = Json::parse(client.in.substr(0, end), nullptr, false);
  if (!json.is_object()) {
    client.out = line_of({{"error", "expected one JSON object in a line"}});
    client.closing = true;
    return;
  }
  if (handler) {
    client.out = answer(handler, json);
    client.closing = true;
    return;
  }
  const std::lock_guard lock(mutex);
  requests.push_back({id, std::move(json)});
}

void SocketThread::send(Client& client) {
  const auto size = ::send(client.fd.get(), client.out.data(), client.out.size(), MSG_NOSIGNAL);
  if (size > 0) client.out.erase(0, static_cast<std::size_t>(size));
  if (size < 0 && errno != EAGAIN && errno != EINTR) client.out.clear();
}

void SocketThread::take_replies() {
  std::uint64_t count = 0;
  if (read(wake.get(), &count, sizeof count) < 0) {
    // Nothing was waiting.
  }
  const std::lock_guard lock(mutex);
  for (auto& [id, text] : replies) {
    if (const auto at = clients.find(id); at != clients.end()) {
      at->second.out = std::move(text);
      at->second.closing = true;
    }
  }
  replies.clear();
}

void SocketThread::serve() {
  while (!stopping) {
    std::vector<pollfd> waiting{{wake.get(), POLLIN, 0}, {listener.get(), POLLIN, 0}};
    std::vector<int> ids;
    for (const auto& [id, client] : clients) {
      waiting.push_back(
          {client.fd.get(), static_cast<short>(client.out.empty() ? POLLIN : POLLOUT), 0});
      ids.push_back(id);
    }
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return;
    if (waiting[0].revents) take_replies();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      Client& client = clients[ids[i]];
      const short events = waiting[i + 2].revents;
      if (events & (POLLIN | POLLHUP | POLLERR)) receive(ids[i], client);
      if (!client.out.empty()) send(client);
      if (client.closing && client.out.empty()) clients.erase(ids[i]);
    }
    if (waiting[1].revents) accept_clients();
  }
}

struct WriterSocket::Impl : SocketThread {
  using SocketThread::SocketThread;
};

WriterSocket::WriterSocket(const std::filesystem::path& file)
    : impl_(std::make_unique<Impl>(file, Handler())) {}
WriterSocket::~WriterSocket() = default;

AnsweringSocket::AnsweringSocket(const std::filesystem::path& file, WriterSocket::Handler handler)
    : thread_(std::make_unique<SocketThread>(file, std::move(handler))) {}
AnsweringSocket::~AnsweringSocket() = default;

void WriterSocket::poll(const Handler& handler) {
  std::vector<SocketThread::Request> requests;
  {
    const std::lock_guard lock(impl_->mutex);
    requests.swap(impl_->requests);
  }
  for (const auto& request : requests) {
    std::string reply = answer(handler, request.json);
    const std::lock_guard lock(impl_->mutex);
    impl_->replies.emplace_back(request.client, std::move(reply));
  }
  if (!requests.empty()) impl_->signal();
}

Json send_to_writer(const std::filesystem::path& file, const Json& request) {
  const Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const SocketAddress address(file);
  if (!fd || connect(fd.get(), address.get(), address.size()) != 0) {
    fail<StoreError>("[{}] no writer listens on {}: {}", file.string(), socket_path(file).string(),
                     std::strerror(errno));
  }
  const timeval limit{reply_seconds, 0};
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const std::string line = line_of(request);
  for (std::size_t sent = 0; sent < line.size();) {
    const auto size = send(fd.get(), line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0)
      fail<StoreError>("[{}] the writer does not listen: {}", file.string(), std::strerror(errno));
    sent += static_cast<std::size_t>(size);
  }
  std::string reply;
  while (reply.find('\n') == std::string::npos) {
    char buffer[4096];
    const auto size = recv(fd.get(), buffer, sizeof buffer, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0 || reply.size() > most_line) {
      fail<StoreError>("[{}] the writer gave no answer within {} s", file.string(), reply_seconds);
    }
    reply.append(buffer, static_cast<std::size_t>(size));
  }
  Json json = Json::parse(reply.substr(0, reply.find('\n')), nullptr, false);
  if (json.is_discarded())
    fail<StoreError>("[{}] the writer's answer cannot be read", file.string());
  return json;
}

}  // namespace vernier::store
