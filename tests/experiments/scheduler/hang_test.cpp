// A trial that hangs in a thread of this process: it fails by name, its lane is given up, and what its thread says later is not heard.
#include <doctest/doctest.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <climits>
#include <filesystem>
#include <utility>
#include <vector>

#include "core/text.h"
#include "experiments/scheduler/engine_executor.h"
#include "experiments/scheduler/setup.h"
#include "tests/experiments/support.h"

using namespace vernier;
using namespace vernier::experiments;
using vernier::experiments::testing::contains;
using vernier::experiments::testing::load;

namespace {

/// Every other thread of this process, held by a tracer until this goes. (A signal handler would not do: oneDNN's kernels use the stack
/// pointer for other things, and a signal's frame would land in the heap.)
class Held {
 public:
  Held() {
    std::vector<pid_t> threads;
    const auto own = static_cast<pid_t>(syscall(SYS_gettid));
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
      const pid_t thread = std::stoi(entry.path().filename().string());
      if (thread != own) threads.push_back(thread);
    }
    int ready[2] = {-1, -1}, release[2] = {-1, -1};
    if (pipe(ready) != 0 || pipe(release) != 0) return;
    tracer_ = fork();
    if (tracer_ == 0) {
      close(release[1]);
      bool all = true;
      for (const pid_t thread : threads) {
        all = all && ptrace(PTRACE_SEIZE, thread, nullptr, nullptr) == 0 &&
              ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr) == 0 &&
              waitpid(thread, nullptr, __WALL) == thread;
      }
      (void)!write(ready[1], all ? "y" : "n", 1);
      char byte = 0;
      (void)!read(release[0], &byte, 1);
      _exit(0);  // which lets them go
    }
    close(release[0]);
    close(ready[1]);
    release_ = release[1];
    char answer = 'n';
    (void)!read(ready[0], &answer, 1);
    close(ready[0]);
    held = answer == 'y';
  }
  Held(const Held&) = delete;
  ~Held() { let_go(); }
  void let_go() {
    if (release_ < 0) return;
    close(std::exchange(release_, -1));
    waitpid(tracer_, nullptr, 0);
  }
  bool held = false;

 private:
  pid_t tracer_ = -1;
  int release_ = -1;
};

}  // namespace

TEST_CASE("a trial that hangs in its thread fails by name, and the lane is given up") {
  const Setup setup(load(R"(study: s
data: {set: xor, n: 6000}
model: {type: mlp, depth: 3}
train: {epochs: 100000, batch_size: 256}
resources: {devices: cpu, jobs: 1}
parameters: {model.width: {min: 600, max: 640}}
)"),
                    {}, null_log());
  int heard_late = 0;
  {
    EngineExecutor executor(setup.spec(), setup.engine(), 0.2);
    Launch launch;
    launch.number = 7;
    launch.config = setup.samples(1).front();
    launch.until = launch.decide_at = INT_MAX;
    launch.fence = 3;
    executor.start(launch);
    for (bool measured = false; !measured;)
      if (const auto event = executor.next(0.1))
        measured = std::holds_alternative<Measured>(*event);
    // In the middle of a step, where it holds no lock.
    while (executor.next(0.05)) {
    }
    CHECK_FALSE(executor.stuck());
    Held held;
    if (!held.held) {
      MESSAGE("skipped: no right to trace");
      held.let_go();
      return;
    }
    std::optional<Ended> ended;
    std::optional<DeviceLost> lost;
    while (!ended || !lost) {
      const auto event = executor.next(0.1);
      if (!event) continue;
      if (const auto* e = std::get_if<Ended>(&*event)) ended = *e;
      if (const auto* d = std::get_if<DeviceLost>(&*event)) lost = *d;
    }
    CHECK(ended->number == 7);
    CHECK(ended->fence == 3);
    CHECK(ended->how == Ended::How::failed);
    CHECK(contains(ended->reason, "hung"));
    CHECK(executor.stuck());
    CHECK(executor.lanes() == 0);
    CHECK_FALSE(executor.has_room(launch.config));
    held.let_go();  // it comes back, sees that it is not wanted, and says nothing
    while (const auto event = executor.next(0.05)) ++heard_late;
  }
  CHECK(heard_late == 0);
  MESSAGE(
      "fault: trial that hangs in a thread | 1 trial | failed by name, lane given up, late events "
      "heard "
      << heard_late);
}
