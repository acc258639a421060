// A child process with piped output, in a process group of its own.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "core/file.h"

namespace vernier::experiments {

struct Child {
  int pid = 0;
  Fd handle;          // a pidfd: readable once it has ended
  Fd output, errors;  // its standard output and standard error, not blocking
};

struct ChildOptions {
  std::vector<std::string> argv;
  std::vector<std::string> environment;  // NAME=VALUE, on top of ours
  std::string dir;                       // empty: ours
  int input = -1;                        // a descriptor to be its standard input; -1: empty
  std::size_t memory = 0;  // bytes of address space that it and its children may have; 0: as we
};

/// Every descriptor but the three standard ones is closed; it dies with this process. Throws UsageError where it cannot be started
/// (no such program, not executable, no such folder).
Child start_child(const ChildOptions& options);

/// Whether reap() would return at once.
bool has_ended(const Child& child);

/// Reaps it and everything left of its group. 0..255: exit code; 256 + N: killed by signal N. Precondition: `handle` is readable, or it
/// was just sent SIGKILL (then it waits).
int reap(Child& child);

void signal_group(const Child& child, int signal);

/// What a pipe holds now, appended to `into`. False: it is closed.
bool drain(const Fd& fd, std::string& into);

}  // namespace vernier::experiments
