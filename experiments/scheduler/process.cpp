#include "experiments/scheduler/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.h"

extern char** environ;

namespace vernier::experiments {
namespace {

struct Pipe {
  Fd read, write;
};

Pipe make_pipe() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0)
    fail<DeviceError>("[command] no pipe: {}; expected free descriptors", std::strerror(errno));
  return {Fd(fds[0]), Fd(fds[1])};
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

std::vector<std::string> environment_with(const std::vector<std::string>& more) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry; ++entry)
    if (std::strncmp(*entry, "VERNIER_", 8) != 0) all.emplace_back(*entry);
  for (const std::string& entry : more) all.push_back(entry);
  return all;
}

/// Only calls that are safe between fork and exec. Never returns.
[[noreturn]] void become(char** argv, char** environment, const char* dir, int in, int out, int err,
                         int report, pid_t parent, std::size_t memory) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  setpgid(0, 0);
  if (memory > 0) {
    const rlimit limit{memory, memory};
    setrlimit(RLIMIT_AS, &limit);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGHUP}) ::signal(signal, SIG_DFL);
  bool ready = dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(err, 2) == 2;
  // The report pipe moves to 3, so that all above can go.
  if (report != 3) ready = ready && dup3(report, 3, O_CLOEXEC) == 3;
  syscall(SYS_close_range, 4U, ~0U, 0U);
  if (ready && (dir[0] == '\0' || chdir(dir) == 0)) {
    environ = environment;
    execvp(argv[0], argv);
  }
  const int reason = errno;
  (void)!write(3, &reason, sizeof reason);
  _exit(127);
}

}  // namespace

Child start_child(const ChildOptions& options) {
  std::vector<std::string> argv = options.argv;
  std::vector<std::string> environment = environment_with(options.environment);
  const auto argv_pointers = pointers(argv);
  const auto environment_pointers = pointers(environment);
  Pipe out = make_pipe(), err = make_pipe(), report = make_pipe();
  const Fd empty(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) fail<DeviceError>("[command] no process: {}", std::strerror(errno));
  if (pid == 0)
    become(const_cast<char**>(argv_pointers.data()),
           const_cast<char**>(environment_pointers.data()), options.dir.c_str(),
           options.input >= 0 ? options.input : empty.get(), out.write.get(), err.write.get(),
           report.write.get(), parent, options.memory);
  setpgid(pid, pid);
  report.write.reset();
  out.write.reset();
  err.write.reset();
  Child child;
  child.pid = pid;
  child.handle = Fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  int reason = 0;
  if (read(report.read.get(), &reason, sizeof reason) == sizeof reason) {
    int status = 0;
    waitpid(pid, &status, 0);
    fail<UsageError>("[objective.command] cannot start '{}' in '{}': {}; expected a program",
                     options.argv.front(), options.dir, std::strerror(reason));
  }
  child.output = std::move(out.read);
  child.errors = std::move(err.read);
  for (const Fd* fd : {&child.output, &child.errors}) fcntl(fd->get(), F_SETFL, O_NONBLOCK);
  return child;
}

bool has_ended(const Child& child) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(child.pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid != 0;
}

int reap(Child& child) {
  siginfo_t info{};
  while (waitid(P_PID, static_cast<id_t>(child.pid), &info, WEXITED | WNOWAIT) != 0 &&
         errno == EINTR) {
  }
  // While it is a zombie its number names no other group.
  kill(-child.pid, SIGKILL);
  while (waitid(P_PID, static_cast<id_t>(child.pid), &info, WEXITED) != 0 && errno == EINTR) {
  }
  child.handle.reset();
  child.pid = 0;
  return info.si_code == CLD_EXITED ? info.si_status : 256 + info.si_status;
}

void signal_group(const Child& child, int signal) {
  if (child.pid > 0) kill(-child.pid, signal);
}

bool drain(const Fd& fd, std::string& into) {
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t n = read(fd.get(), buffer.data(), buffer.size());
    if (n > 0) {
      into.append(buffer.data(), static_cast<std::size_t>(n));
      if (static_cast<std::size_t>(n) < buffer.size()) return true;
      if (into.size() > (std::size_t{1} << 22)) return true;  // the rest at the next look
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    return n < 0 && errno == EAGAIN;
  }
}

}  // namespace vernier::experiments
