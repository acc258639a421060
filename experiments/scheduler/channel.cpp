#include "experiments/scheduler/channel.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "core/error.h"

namespace vernier::experiments {
namespace {

constexpr std::uint64_t longest = std::uint64_t{1} << 38;  // a damaged length, not a message
constexpr std::size_t head = sizeof(std::uint64_t);

bool send_all(int fd, const std::uint8_t* bytes, std::size_t n) {
  while (n > 0) {
    const ssize_t sent = ::send(fd, bytes, n, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes += sent;
    n -= static_cast<std::size_t>(sent);
  }
  return true;
}

}  // namespace

std::pair<Channel, Channel> Channel::pair() {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
    fail<DeviceError>("[isolate] no socket: {}; expected free descriptors", std::strerror(errno));
  return {Channel(Fd(fds[0])), Channel(Fd(fds[1]))};
}

bool Channel::send(const Json& message) const {
  std::vector<std::uint8_t> bytes(head);
  Json::to_cbor(message, bytes);
  const std::uint64_t length = bytes.size() - head;
  std::memcpy(bytes.data(), &length, head);
  return send_all(socket_.get(), bytes.data(), bytes.size());
}

std::optional<Json> Channel::receive() {
  for (;;) {
    if (auto message = take()) return message;
    if (!read_some(0)) return std::nullopt;
  }
}

bool Channel::fill() { return read_some(MSG_DONTWAIT); }

/// Until nothing is there; a waiting read ends with the first bytes. False: the end of the stream.
bool Channel::read_some(int flags) {
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t n = recv(socket_.get(), buffer.data(), buffer.size(), flags);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
    if (n <= 0) return false;
    arrived_.erase(0, std::exchange(begin_, 0));
    arrived_.append(buffer.data(), static_cast<std::size_t>(n));
    if (flags == 0) return true;
  }
}

std::optional<Json> Channel::take() {
  if (arrived_.size() - begin_ < head) return std::nullopt;
  std::uint64_t length = 0;
  std::memcpy(&length, arrived_.data() + begin_, head);
  if (length > longest)
    fail<Error>("[isolate] a message of {} bytes; expected one of ours", length);
  if (arrived_.size() - begin_ - head < length) return std::nullopt;
  const char* first = arrived_.data() + begin_ + head;
  Json message;
  try {
    message = Json::from_cbor(first, first + length);
  } catch (const Json::exception& error) {
    fail<Error>("[isolate] {}; expected one of our messages", error.what());
  }
  begin_ += head + static_cast<std::size_t>(length);
  return message;
}

}  // namespace vernier::experiments
