// Messages over a stream socket: 8 bytes of length (of this machine's byte order; both ends are the same program), then CBOR.
#pragma once
#include <optional>
#include <string>
#include <utility>

#include "core/file.h"
#include "core/json.h"

namespace vernier::experiments {

/// One end. Not thread-safe, but one thread may send while another receives.
class Channel {
 public:
  Channel() = default;
  explicit Channel(Fd socket) : socket_(std::move(socket)) {}

  /// Two ends; both are closed by exec. Throws DeviceError where there are no descriptors left.
  static std::pair<Channel, Channel> pair();

  int fd() const { return socket_.get(); }
  explicit operator bool() const { return static_cast<bool>(socket_); }
  void close() { socket_.reset(); }

  /// Waits until the system took all of it. False: the other end is gone.
  bool send(const Json& message) const;
  /// Waits for the next message; nullopt: the other end is gone. Throws Error for one that is not ours.
  std::optional<Json> receive();
  /// What has arrived, without waiting. False: the other end is gone; what it sent before can still be taken.
  bool fill();
  /// The next whole message that fill() got. Throws Error for one that is not ours.
  std::optional<Json> take();

 private:
  bool read_some(int flags);

  Fd socket_;
  std::string arrived_;
  std::size_t begin_ = 0;  // of what is not taken yet
};

}  // namespace vernier::experiments
