// The exceptions of the library. Text: "[where] what went wrong with which values; what was expected".
#pragma once
#ifdef VERNIER_IN_TREE
#include "core/error.h"  // the same types; tests/structure/errors.sh compares the two
#else
#include <stdexcept>

namespace vernier {

struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// Wrong usage: a range that is empty, a name that is unknown, an option that does not exist.
struct UsageError : Error {
  using Error::Error;
};
/// No such study or trial.
struct NotFoundError : Error {
  using Error::Error;
};
/// A database that cannot be opened, read or written, or that another process writes.
struct StoreError : Error {
  using Error::Error;
};

}  // namespace vernier
#endif

namespace vernier {

/// ask(): every configuration of a finite space has been tried.
struct SpaceExhausted : Error {
  using Error::Error;
};
/// Thrown by an objective: the trial ends as stopped, with the best value it reported. (Returning after should_stop() said so is the same.)
struct TrialStopped {};
/// Thrown by an objective: optimize() ends, the trial is interrupted and the next optimize() of the study begins with it. Trials of other threads
/// likewise where they ask should_stop().
struct Interrupted {};

}  // namespace vernier
