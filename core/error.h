// The exceptions of Vernier. Text: "[where] what went wrong with which values; what was expected".
// Thrown anywhere, caught in executors, the scheduler's report loop and main only.
#pragma once
#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace vernier {

struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// Wrong usage, study file or data file: exit code 2.
struct UsageError : Error {
  using Error::Error;
};
/// An unknown study or trial: exit code 4.
struct NotFoundError : Error {
  using Error::Error;
};
/// A device that failed or is missing: exit code 1.
struct DeviceError : Error {
  using Error::Error;
};
/// A database that cannot be opened, read or written: exit code 1.
struct StoreError : Error {
  using Error::Error;
};

template <class E = Error, class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> text, Args&&... args) {
  throw E(fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace vernier
