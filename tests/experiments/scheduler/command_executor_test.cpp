#include "experiments/scheduler/command_executor.h"

#include <signal.h>

#include <climits>

#include "core/file.h"
#include "tests/experiments/support.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;

namespace {

struct Scene {
  TempFolder folder;
  SystemClock clock;
  Spec spec;
  CommandExecutor executor;
  explicit Scene(const std::string& script, bool resumable = true, double timeout = 0, int jobs = 1,
                 int max_steps = INT_MAX, bool stop_at_decisions = false)
      : spec(spec_of({"/bin/sh", "-c", script}, resumable, timeout)),
        executor(spec, {folder.path(), jobs, max_steps, stop_at_decisions, 10}, clock) {}

  static Spec spec_of(std::vector<std::string> argv, bool resumable = true, double timeout = 0) {
    Spec made;
    made.study = "s";
    made.metrics.front().name = "v";
    made.command = CommandSpec{std::move(argv), "", resumable, timeout};
    return made;
  }

  Launch launch(int number, int until, int decide_at = INT_MAX, int committed = 0) {
    Launch l;
    l.number = number;
    l.config.set("lr", 0.1);
    l.until = until;
    l.decide_at = decide_at;
    l.committed = committed;
    l.seed = 7;
    return l;
  }

  // Events up to and with the end of the stretch, or an awaited verdict.
  std::vector<ExecutorEvent> collect() {
    std::vector<ExecutorEvent> events;
    for (int i = 0; i < 10000; ++i) {
      auto event = executor.next(10);
      REQUIRE(event.has_value());
      events.push_back(*event);
      if (std::holds_alternative<Ended>(*event)) return events;
      if (const auto* m = std::get_if<Measured>(&*event); m != nullptr && m->awaiting)
        return events;
    }
    return events;
  }
};

std::vector<int> steps(const std::vector<ExecutorEvent>& events) {
  std::vector<int> found;
  for (const auto& event : events) {
    if (const auto* m = std::get_if<Measured>(&event)) found.push_back(m->step);
  }
  return found;
}

}  // namespace

TEST_CASE("a command's lines become measurements, the rest its log, exit code 0 completes it") {
  Scene scene(
      R"(echo hello; echo '{"step":1,"val_loss":0.5,"note":"x"}'; echo '{"step":2,"val_loss":0.25}'; echo bad >&2)",
      true, 0, 1, 2);
  scene.executor.start(scene.launch(1, 2));
  const auto events = scene.collect();
  CHECK(steps(events) == std::vector<int>{1, 2});
  CHECK(std::get<Measured>(events[0]).results == engine::Metrics{{"val_loss", 0.5}});
  const auto& ended = std::get<Ended>(events.back());
  CHECK(ended.how == Ended::How::completed);
  CHECK(ended.log.find("hello") != std::string::npos);
  CHECK(ended.log.find("bad") != std::string::npos);
}

TEST_CASE("settings, seed, steps and folder arrive in the environment, never through a shell") {
  Scene scene(
      R"(printf '%s|%s|%s|%s|%s' "$VERNIER_PARAMS" "$VERNIER_SEED" "$VERNIER_START_STEP" "$VERNIER_BUDGET" "$VERNIER_DEVICE" > "$VERNIER_TRIAL_DIR/seen"; echo '{"step":1,"x":1}')");
  Launch launch = scene.launch(3, 5);
  launch.config.set("text", std::string("$(touch /tmp/never) \"'"));
  scene.executor.start(launch);
  scene.collect();
  CHECK(read_text(scene.folder.path() / "3" / "seen") ==
        R"({"lr":0.1,"text":"$(touch /tmp/never) \"'"}|7|0|5|cpu0)");
}

TEST_CASE(
    "a resumable command saves at its budget; the verdict comes after its end and continues or "
    "pauses it") {
  const char* script =
      R"(i=$VERNIER_START_STEP; while [ $i -lt $VERNIER_BUDGET ]; do i=$((i+1)); echo "{\"step\":$i,\"v\":$i}"; done; echo "to $VERNIER_BUDGET" >> "$VERNIER_TRIAL_DIR/stretches")";
  Scene scene(script, true, 0, 1, 9, true);
  scene.executor.start(scene.launch(1, 9, 3));
  auto events = scene.collect();
  CHECK(steps(events) == std::vector<int>{1, 2, 3});
  CHECK(std::get<Measured>(events.back()).awaiting);
  scene.executor.answer(1, search::Verdict::proceed, 6);
  events = scene.collect();
  CHECK(steps(events) == std::vector<int>{4, 5, 6});
  scene.executor.answer(1, search::Verdict::pause, INT_MAX);
  events = scene.collect();
  CHECK(std::get<Ended>(events.back()).how == Ended::How::paused);
  scene.executor.start(scene.launch(1, 9, INT_MAX, 6));
  events = scene.collect();
  CHECK(steps(events) == std::vector<int>{7, 8, 9});
  CHECK(std::get<Ended>(events.back()).how == Ended::How::completed);
  CHECK(read_text(scene.folder.path() / "1" / "stretches") == "to 3\nto 6\nto 9\n");
}

TEST_CASE("a command that cannot continue starts anew, and steps already recorded are ignored") {
  Scene scene(
      R"(i=0; while [ $i -lt $VERNIER_BUDGET ]; do i=$((i+1)); echo "{\"step\":$i,\"v\":$i}"; done)",
      false);
  scene.executor.start(scene.launch(1, 4, INT_MAX, 2));
  CHECK(steps(scene.collect()) == std::vector<int>{3, 4});
}

TEST_CASE("a command that goes on past its budget is judged at the budget") {
  Scene scene(R"(for i in 1 2 3; do echo "{\"step\":$i,\"v\":$i}"; done)", true, 0, 1, 3);
  scene.executor.start(scene.launch(1, 3, 1));
  std::vector<int> seen, awaited;
  for (;;) {
    const auto events = scene.collect();
    for (const int step : steps(events)) seen.push_back(step);
    const auto* row = std::get_if<Measured>(&events.back());
    if (row == nullptr) break;
    awaited.push_back(row->step);
    scene.executor.answer(1, search::Verdict::proceed, INT_MAX);
  }
  CHECK(seen == std::vector<int>{1, 2, 3});
  REQUIRE(!awaited.empty());
  CHECK(awaited.front() == 1);
  CHECK(awaited.back() < 3);  // a full training asks for nothing
}

TEST_CASE(
    "a program that is ahead of its verdicts: each counts, and none after the one that ends it") {
  Scene ahead(R"(for i in 1 2 3; do echo "{\"step\":$i,\"v\":$i}"; done; sleep 1000)", true, 0, 1,
              9);
  ahead.executor.start(ahead.launch(1, 9, 1));
  for (int awaited = 0; awaited < 3;) {
    const auto event = ahead.executor.next(10);
    REQUIRE(event.has_value());
    awaited += std::get<Measured>(*event).awaiting;
  }
  ahead.executor.answer(1, search::Verdict::proceed, 2);
  ahead.executor.answer(1, search::Verdict::stop, INT_MAX);
  CHECK(std::get<Ended>(ahead.collect().back()).how == Ended::How::stopped);

  // Done before it was told to pause at its budget: it pauses there all the same, and is not started again.
  Scene over(R"(for i in 1 2 3; do echo "{\"step\":$i,\"v\":$i}"; done)", true, 0, 1, 3, true);
  over.executor.start(over.launch(1, 3, 1));
  CHECK(steps(over.collect()) == std::vector<int>{1});
  over.executor.answer(1, search::Verdict::pause, 2);
  std::vector<ExecutorEvent> events = over.collect();
  while (!std::holds_alternative<Ended>(events.back())) events = over.collect();
  CHECK(std::get<Ended>(events.back()).how == Ended::How::paused);
  CHECK(!over.executor.next(0).has_value());
}

TEST_CASE("failures say why: exit code, signal, missing program, no measurement, timeout") {
  const auto reason = [](const std::string& script, double timeout = 0) {
    Scene scene(script, true, timeout);
    scene.executor.start(scene.launch(1, 1));
    const auto events = scene.collect();
    const auto& ended = std::get<Ended>(events.back());
    CHECK(ended.how == Ended::How::failed);
    return ended.reason;
  };
  CHECK(reason("exit 3") == "exit code 3");
  CHECK(reason("kill -9 $$") == "killed by signal 9");
  CHECK(reason("echo why it broke >&2; exit 3") == "exit code 3: why it broke");
  CHECK(reason("exec sleep 100", 0.05).find("timeout") == 0);
  const TempFolder folder;
  const SystemClock clock;
  const Spec spec = Scene::spec_of({"/no/such/program"});
  CommandExecutor missing(spec, {folder.path(), 1, 1, false, 10}, clock);
  Launch launch;
  launch.number = 1;
  launch.until = 1;
  const std::string why = refusal([&] { missing.start(launch); });
  CHECK(contains(why, "/no/such/program"));
  CHECK(contains(why, "No such file"));
  CHECK(missing.has_room({}));  // the lane stays free
  // Without a measurement it just ends; that this is a failure is the scheduler's to say.
  Scene silent("true");
  silent.executor.start(silent.launch(1, 1));
  const auto events = silent.collect();
  CHECK(events.size() == 1);
  CHECK(std::get<Ended>(events.back()).how == Ended::How::completed);
}

TEST_CASE("a metric that is not finite is a divergence and ends the program") {
  Scene scene(R"(echo '{"step":1,"v":1}'; echo '{"step":2,"v":NaN}'; exec sleep 100)");
  scene.executor.start(scene.launch(1, 5));
  const auto events = scene.collect();
  CHECK(std::get<Ended>(events.back()).how == Ended::How::diverged);
  CHECK(std::get<Ended>(events.back()).reason == "v is not finite at step 2");
}

TEST_CASE("stop ends the whole process group; pause lets the program save") {
  Scene scene(
      R"(trap 'echo saved > "$VERNIER_TRIAL_DIR/state"; exit 0' TERM; echo '{"step":1,"v":1}'; while :; do sleep 0.01; done)");
  scene.executor.start(scene.launch(1, 5));
  REQUIRE(scene.executor.next(10).has_value());
  scene.executor.halt(1, Executor::Halt::pause);
  CHECK(std::get<Ended>(scene.collect().back()).how == Ended::How::paused);
  CHECK(read_text(scene.folder.path() / "1" / "state") == "saved\n");
  scene.executor.start(scene.launch(1, 5));
  REQUIRE(scene.executor.next(10).has_value());
  scene.executor.halt(1, Executor::Halt::stop);
  CHECK(std::get<Ended>(scene.collect().back()).how == Ended::How::stopped);
  CHECK(scene.executor.has_room({}));
}

TEST_CASE("hostile output neither blocks nor grows: endless lines, binary, huge steps") {
  Scene scene(
      R"(head -c 3000000 /dev/urandom; echo; echo '{"step":1e300,"v":1}'; echo '{"step":-1,"v":1}'; echo '{"step":1.5,"v":1}'; echo '{"step":1}'; echo '[1]'; echo '{"step":1,"v":2}')");
  scene.executor.start(scene.launch(1, 1));
  const auto events = scene.collect();
  CHECK(steps(events) == std::vector<int>{1});
  CHECK(std::get<Ended>(events.back()).log.size() <= 64 * 1024);
}

TEST_CASE("jobs run at the same time and each has its own place") {
  Scene scene("echo '{\"step\":1,\"v\":1}'", true, 0, 2, 1);
  CHECK(scene.executor.start(scene.launch(1, 1)).device == "cpu0");
  CHECK(scene.executor.start(scene.launch(2, 1)).device == "cpu1");
  CHECK_FALSE(scene.executor.has_room({}));
  scene.collect();
  scene.collect();
  CHECK(scene.executor.has_room({}));
}

TEST_CASE("abandoned programs are gone with their children, and so are those of a dead executor") {
  const TempFolder folder;
  const auto alive = [](const std::string& pid) { return kill(std::stoi(pid), 0) == 0; };
  const char* script =
      R"(sleep 1000 & echo $! > "$VERNIER_TRIAL_DIR/pid"; echo '{"step":1,"v":1}'; wait)";
  std::string first, second;
  {
    Scene scene(script, true, 0, 2);
    scene.executor.start(scene.launch(1, 5));
    REQUIRE(scene.executor.next(10).has_value());
    first = read_text(scene.folder.path() / "1" / "pid");
    scene.executor.halt(1, Executor::Halt::abandon);
    CHECK(scene.executor.has_room({}));
    scene.executor.start(scene.launch(2, 5));
    REQUIRE(scene.executor.next(10).has_value());
    second = read_text(scene.folder.path() / "2" / "pid");
    CHECK(alive(second));
  }
  // Killed; until init has reaped it, it is a zombie.
  for (const std::string& pid : {first, second}) {
    const auto stat = std::filesystem::path("/proc") / std::to_string(std::stoi(pid)) / "stat";
    bool gone = false;
    for (int looks = 0; !gone && looks < 1000000; ++looks) {  // it dies when it is scheduled
      std::string text;
      std::getline(std::ifstream(stat), text);
      gone = text.empty() || contains(text, ") Z ") || contains(text, ") X ");
    }
    CHECK(gone);
  }
}
