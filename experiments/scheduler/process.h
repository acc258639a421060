// A child program: argv without a shell, its own process group, its output on pipes; dies with this process.
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/file.h"

namespace vernier::experiments {

struct ProcessOptions {
  std::vector<std::string> argv;                               // argv[0] is sought in PATH
  std::filesystem::path folder;                                // working folder; empty: this process's
  std::vector<std::pair<std::string, std::string>> variables;  // beside the inherited environment
};

/// Move-only; kills the whole group and reaps it at its end. Descriptors other than 0, 1, 2 are closed in the child, its signals are default.
class Process {
 public:
  /// Throws UsageError naming program and reason where it cannot be started. Call it from a thread that lives as long as the child may: the
  /// kernel ends the child with the thread that made it (PR_SET_PDEATHSIG).
  explicit Process(const ProcessOptions& options);
  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;
  ~Process();

  /// Readable when the child has ended.
  int ended_fd() const { return pidfd_.get(); }
  /// Non-blocking ends of its standard output and standard error.
  int out_fd() const { return out_.get(); }
  int err_fd() const { return err_.get(); }
  /// To the whole group.
  void signal(int number) const;
  /// Reaps a child that has ended: exit code, or 128 + signal. nullopt while it runs.
  std::optional<int> reap();

 private:
  pid_t pid_ = -1;
  Fd pidfd_, out_, err_;
};

}  // namespace vernier::experiments
