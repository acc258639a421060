// The live page on a socket: libmicrohttpd with limits on headers, connections and time.
#pragma once
#include <memory>

#include "reports/live/site.h"

namespace vernier::reports::live {

struct ServerLimits {
  unsigned connections = 1024;
  unsigned idle_seconds = 10;   // a connection on which nothing moves
  double request_seconds = 20;  // from a connection's start, or its last answer, to a whole request
  std::size_t header_bytes =
      32 << 10;  // per connection: request line, headers and what libmicrohttpd needs to read them
  unsigned threads = 2;
};

/// Listens on 127.0.0.1 alone from construction to destruction. Throws Error where the port is taken. `site` outlives it.
class Server {
 public:
  Server(const Site& site, int port, ServerLimits limits = {});
  ~Server();
  Server(Server&&) = delete;

  /// Connections open now.
  unsigned connections() const;

  /// For fuzzing: no listening socket and no thread; talk() gives one client's bytes to the same code and returns the answer.
  struct Unplugged {};
  Server(const Site& site, Unplugged);
  std::string talk(std::string_view bytes);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A free TCP port on 127.0.0.1 from `first` on (100 are tried); throws Error.
int free_port(int first);

}  // namespace vernier::reports::live
