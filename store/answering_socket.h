// The socket of a writer that has no loop of its own to poll WriterSocket in: requests are answered as they come.
#pragma once
#include "store/store.h"

namespace vernier::store {

struct SocketThread;

/// Listens on FILE.sock as WriterSocket does.
class AnsweringSocket {
 public:
  /// `handler` is called on the socket's thread; what it throws is answered as {"error": TEXT}. Throws StoreError where it cannot listen.
  AnsweringSocket(const std::filesystem::path& file, WriterSocket::Handler handler);
  /// Returns when a handler that is at work has.
  ~AnsweringSocket();

 private:
  std::unique_ptr<SocketThread> thread_;
};

}  // namespace vernier::store
