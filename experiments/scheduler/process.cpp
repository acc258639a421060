#include "experiments/scheduler/process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/error.h"
#include "core/text.h"

extern char** environ;

namespace vernier::experiments {
namespace {

struct Pipe {
  Fd read, write;
};

Pipe make_pipe(int flags) {
  int ends[2];
  if (pipe2(ends, flags) != 0) fail<Error>("[process] no pipe: {}", std::strerror(errno));
  return {Fd(ends[0]), Fd(ends[1])};
}

std::vector<std::string> environment(const ProcessOptions& options) {
  std::vector<std::string> lines;
  for (char** line = environ; *line != nullptr; ++line) {
    const std::string_view text(*line);
    bool replaced = false;
    for (const auto& [name, value] : options.variables) replaced |= text.starts_with(name + "=");
    if (!replaced) lines.emplace_back(text);
  }
  for (const auto& [name, value] : options.variables) lines.push_back(name + "=" + value);
  return lines;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

// Runs between fork and exec: async-signal-safe calls only. Sends errno through `report` where it fails.
[[noreturn]] void become(char* const* argv, char* const* variables, const char* folder, int out, int err, int report, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number = 1; number < 32; ++number) ::signal(number, SIG_DFL);
  const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const bool ready = getppid() == parent && in >= 0 && dup2(in, 0) >= 0 && dup2(out, 1) >= 0 && dup2(err, 2) >= 0 &&
                     (*folder == '\0' || chdir(folder) == 0);
  if (ready) {
    syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
    execvpe(argv[0], argv, variables);
  }
  const int reason = errno;
  if (write(report, &reason, sizeof reason) < 0) _exit(126);
  _exit(127);
}

}  // namespace

Process::Process(const ProcessOptions& options) {
  if (options.argv.empty()) fail<UsageError>("[objective.command] is empty; expected a program and its arguments");
  std::vector<std::string> argv = options.argv, variables = environment(options);
  const auto argv_list = pointers(argv), variable_list = pointers(variables);
  const std::string folder = options.folder.string();
  Pipe out = make_pipe(O_CLOEXEC), err = make_pipe(O_CLOEXEC), report = make_pipe(O_CLOEXEC);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) fail<Error>("[process] cannot fork: {}", std::strerror(errno));
  if (pid_ == 0) become(argv_list.data(), variable_list.data(), folder.c_str(), out.write.get(), err.write.get(), report.write.get(), parent);
  setpgid(pid_, pid_);  // also here: whichever side runs first
  report.write.reset();
  int reason = 0;
  ssize_t n;
  do {
    n = read(report.read.get(), &reason, sizeof reason);
  } while (n < 0 && errno == EINTR);
  if (n > 0) {
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
    fail<UsageError>("[objective.command] cannot run '{}'{}: {}", printable(options.argv[0]),
                     folder.empty() ? "" : " in " + printable(folder), std::strerror(reason));
  }
  pidfd_ = Fd(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd_) {
    const int code = errno;
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
    fail<Error>("[process] pidfd_open: {}", std::strerror(code));
  }
  out_ = std::move(out.read);
  err_ = std::move(err.read);
  fcntl(out_.get(), F_SETFL, O_NONBLOCK);
  fcntl(err_.get(), F_SETFL, O_NONBLOCK);
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)), out_(std::move(other.out_)), err_(std::move(other.err_)) {}

void Process::signal(int number) const {
  if (pid_ > 0) kill(-pid_, number);
}

std::optional<int> Process::reap() {
  int status = 0;
  const pid_t ended = waitpid(pid_, &status, WNOHANG);
  if (ended != pid_) return std::nullopt;
  kill(-pid_, SIGKILL);  // what it left behind in its group
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Process::~Process() {
  if (pid_ <= 0) return;
  kill(-pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

}  // namespace vernier::experiments
