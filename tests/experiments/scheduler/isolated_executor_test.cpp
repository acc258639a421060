#include "experiments/scheduler/isolated_executor.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bit>
#include <climits>
#include <cmath>
#include <limits>

#include "experiments/scheduler/channel.h"
#include "experiments/scheduler/process.h"
#include "experiments/scheduler/run.h"
#include "experiments/scheduler/setup.h"
#include "experiments/scheduler/wire.h"
#include "experiments/scheduler/worker.h"
#include "tests/experiments/support.h"

using namespace vernier;
using namespace vernier::experiments;
using vernier::experiments::testing::contains;
using vernier::experiments::testing::load;
using vernier::experiments::testing::TempFolder;

namespace {

constexpr int patience = 60000;  // milliseconds until a hung test fails

// This test program again, with one of the test cases below that are no tests.
std::vector<std::string> self(const std::string& role) {
  return {"/proc/self/exe", "--no-skip", "--no-version", "--quiet", "--test-case=" + role};
}

std::string tiny(int epochs, int jobs, const std::string& strategy = "full", int n = 400) {
  return fmt::format(R"(version: 1
study: tiny
data: {{set: xor, n: {}}}
model: {{type: mlp}}
train: {{epochs: {}, batch_size: 32, record: [gradients, confusion, map]}}
sampler: random
strategy: {}
seed: 3
trials: 5
resources: {{devices: cpu, jobs: {}}}
parameters:
  model.depth: {{min: 1, max: 3}}
  model.width: {{min: 4, max: 64, log: true}}
  train.lr: {{min: 1.0e-4, max: 1.0e-1, log: true}}
)",
                     n, epochs, strategy, jobs);
}

IsolatedExecutor::Options worker_options() {
  IsolatedExecutor::Options options;
  options.argv = self("worker process");
  return options;
}

class HandClock final : public Clock {
 public:
  double monotonic() const override { return now; }
  double wall() const override { return now; }
  double now = 0;
};

std::string bits(double value) {
  return fmt::format("{:016x}", std::bit_cast<std::uint64_t>(value));
}

// All that must repeat, with every double by its bits.
std::vector<std::string> rows(const store::Store& store, store::StudyId study) {
  std::vector<std::string> found;
  for (const store::TrialRecord& trial : store.trials(study)) {
    found.push_back(fmt::format("{} {} {} {} {} {}", trial.number, trial.config.key(),
                                store::to_text(trial.state), trial.steps,
                                trial.value ? bits(*trial.value) : "", trial.weights_hash));
    for (const store::StepRow& row : store.curve(study, trial.number)) {
      std::string line = fmt::format("{}:{}", trial.number, row.step);
      for (const auto& [name, value] : row.results) line += " " + name + " " + bits(value);
      found.push_back(line);
    }
    for (const store::Artifact& left : store.artifacts(study, trial.number))
      found.push_back(
          fmt::format("{}:{} {} {} {}", trial.number, left.step, left.name, left.kind, left.blob));
  }
  return found;
}

struct Result {
  std::vector<std::string> rows;
  std::vector<std::string> retries;  // texts of the events
};

// `watch` sees every event of the run, and the executor where it is an isolated one.
template <class Watch>
Result run_here(const std::string& text, bool isolated, const Watch& watch) {
  const TempFolder folder;
  const Setup setup(load(text), {}, null_log());
  store::Store store = store::Store::open(folder.db(), store::Mode::write);
  store::NewStudy record;
  record.name = setup.spec().study;
  record.spec = setup.spec().json;
  record.trials = setup.spec().trials;
  for (const MetricSpec& metric : setup.spec().metrics)
    record.objectives.emplace_back(metric.name, metric.maximize);
  for (const search::Parameter& parameter : setup.spec().parameters)
    record.params.push_back({parameter.name, "float", Json::object()});
  const store::StudyId study = store.create_study(record);
  const SystemClock clock;
  const auto strategy = setup.make_strategy();
  std::unique_ptr<Executor> executor;
  IsolatedExecutor* workers = nullptr;
  if (isolated) {
    auto made =
        std::make_unique<IsolatedExecutor>(setup.spec(), setup.engine(), worker_options(), clock);
    workers = made.get();
    executor = std::move(made);
  } else {
    executor = setup.make_executor({}, clock);
  }
  run(*strategy, *executor, store, study, setup.spec(), clock, {},
      [&](const Progress& progress) { watch(progress, workers); });
  Result result{rows(store, study), {}};
  for (const store::Event& event : store.events(study))
    if (event.kind == "retried") result.retries.push_back(event.text);
  return result;
}

Result run_here(const std::string& text, bool isolated) {
  return run_here(text, isolated, [](const Progress&, IsolatedExecutor*) {});
}

Config first_config(const Setup& setup) { return setup.samples(1).front(); }

Launch launch_of(const Setup& setup, int number, int until) {
  Launch launch;
  launch.number = number;
  launch.config = first_config(setup);
  launch.until = until;
  launch.decide_at = INT_MAX;
  launch.seed = setup.spec().seed;
  return launch;
}

// The next event but heartbeats; fails the test where none comes.
ExecutorEvent event_of(Executor& executor) {
  for (int i = 0; i < patience / 100; ++i) {
    auto event = executor.next(0.1);
    if (event && !std::holds_alternative<Heartbeat>(*event)) return std::move(*event);
  }
  FAIL("no event");
  return Heartbeat{};
}

Ended end_of(Executor& executor) {
  for (;;) {
    ExecutorEvent event = event_of(executor);
    if (auto* ended = std::get_if<Ended>(&event)) return std::move(*ended);
  }
}

}  // namespace

TEST_CASE("worker process" * doctest::skip()) { CHECK(worker_main(0) == 0); }

// Starts a long training in a worker, tells the worker's process id and stays until it is killed.
TEST_CASE("driver process" * doctest::skip()) {
  Channel test{Fd(0)};
  const Setup setup(load(tiny(1000000, 1)), {}, null_log());
  const SystemClock clock;
  IsolatedExecutor executor(setup.spec(), setup.engine(), worker_options(), clock);
  executor.start(launch_of(setup, 1, 1000000));
  REQUIRE(std::holds_alternative<Measured>(event_of(executor)));
  REQUIRE(test.send({{"worker", executor.workers().front()}}));
  (void)test.receive();
}

TEST_CASE("a study in child processes has the same bits as in this one") {
  for (const std::string& text :
       {tiny(3, 1), tiny(3, 2), tiny(9, 1, "{type: asha, min_steps: 1, eta: 3}")}) {
    const Result here = run_here(text, false);
    const Result isolated = run_here(text, true);
    CHECK(here.rows.size() > 5);
    CHECK(isolated.rows == here.rows);
    CHECK(isolated.retries.empty());
  }
}

TEST_CASE("a worker killed with -9 costs nothing: its trial is made again and all ends the same") {
  // Long enough that a worker is never done when the driver reads its third step.
  const std::string text = tiny(150, 2, "full", 2000);
  int killed = 0;
  const Result result =
      run_here(text, true, [&](const Progress& progress, IsolatedExecutor* executor) {
        // In the middle of the second and the fourth trial, each once.
        const bool now = progress.kind == Progress::Kind::measurement && progress.step >= 3 &&
                         progress.number == 2 + 2 * killed;
        if (!now) return;
        ++killed;
        for (const int worker : executor->workers()) kill(worker, SIGKILL);
      });
  CHECK(killed == 2);
  REQUIRE(result.retries.size() >= 2);
  for (const std::string& why : result.retries) CHECK(why == "worker ended by signal 9");
  CHECK(result.rows == run_here(text, false).rows);
}

TEST_CASE("a pause is exact: the rest of the training continues from its state in another worker") {
  const Setup setup(load(tiny(6, 1)), {}, null_log());
  const SystemClock clock;
  const auto finish = [&](IsolatedExecutor& executor, std::optional<engine::Checkpoint> from) {
    Launch launch = launch_of(setup, 1, 6);
    launch.checkpoint = std::move(from);
    executor.start(launch);
    return end_of(executor);
  };
  IsolatedExecutor first(setup.spec(), setup.engine(), worker_options(), clock);
  const Ended whole = finish(first, std::nullopt);
  REQUIRE(whole.how == Ended::How::completed);
  REQUIRE(whole.best.has_value());
  first.start(launch_of(setup, 2, 4));
  Ended paused = end_of(first);
  REQUIRE(paused.how == Ended::How::paused);
  REQUIRE(paused.resume.has_value());
  CHECK(paused.resume->step == 4);
  IsolatedExecutor second(setup.spec(), setup.engine(), worker_options(), clock);
  const Ended rest = finish(second, paused.resume);
  CHECK(rest.weights_hash == whole.weights_hash);
  CHECK(rest.best->bytes == whole.best->bytes);
}

TEST_CASE("abandon ends a training at once and leaves the lane good for another") {
  const Setup setup(load(tiny(1000000, 1)), {}, null_log());
  const SystemClock clock;
  IsolatedExecutor executor(setup.spec(), setup.engine(), worker_options(), clock);
  executor.start(launch_of(setup, 1, 1000000));
  REQUIRE(std::holds_alternative<Measured>(event_of(executor)));
  CHECK_FALSE(executor.has_room(first_config(setup)));
  executor.halt(1, Executor::Halt::abandon);
  CHECK(end_of(executor).how == Ended::How::stopped);
  CHECK(executor.has_room(first_config(setup)));
  executor.start(launch_of(setup, 2, 1));
  CHECK(end_of(executor).how == Ended::How::paused);
}

TEST_CASE("workers die with a driver that is killed") {
  auto [ours, theirs] = Channel::pair();
  ChildOptions options;
  options.argv = self("driver process");
  options.input = theirs.fd();
  Child driver = start_child(options);
  theirs.close();
  const auto told = ours.receive();
  REQUIRE(told.has_value());
  const int worker = told->at("worker").get<int>();
  const Fd handle(static_cast<int>(syscall(SYS_pidfd_open, worker, 0)));
  REQUIRE(static_cast<bool>(handle));
  pollfd ended{handle.get(), POLLIN, 0};
  CHECK(poll(&ended, 1, 0) == 0);
  kill(driver.pid, SIGKILL);
  CHECK(poll(&ended, 1, patience) == 1);
  CHECK(reap(driver) == 256 + SIGKILL);
}

TEST_CASE("a worker that says nothing for too long is killed and its trial ends as lost") {
  const Setup setup(load(tiny(1000000, 1)), {}, null_log());
  HandClock clock;
  IsolatedExecutor executor(setup.spec(), setup.engine(), worker_options(), clock);
  executor.start(launch_of(setup, 1, 1000000));
  REQUIRE(std::holds_alternative<Measured>(event_of(executor)));
  kill(executor.workers().front(), SIGSTOP);
  while (executor.next(0.1)) {
  }
  clock.now += 59;
  CHECK_FALSE(executor.next(0).has_value());
  clock.now += 2;
  const Ended ended = end_of(executor);
  CHECK(ended.how == Ended::How::lost);
  CHECK(contains(ended.reason, "said nothing for too long"));
  CHECK(executor.lanes() == 1);
}

TEST_CASE("a lane whose workers cannot begin is given up, with what they said") {
  const Setup setup(load(tiny(3, 2)), {}, null_log());
  const SystemClock clock;
  IsolatedExecutor::Options options;
  options.argv = {"/bin/sh", "-c", "echo no luck >&2; exit 5"};
  IsolatedExecutor executor(setup.spec(), setup.engine(), options, clock);
  CHECK(executor.lanes() == 2);
  for (int death = 1; death <= 3; ++death) {
    executor.start(launch_of(setup, 1, 3));
    const Ended ended = end_of(executor);
    CHECK(ended.how == Ended::How::lost);
    CHECK(ended.reason == "worker ended with exit code 5: no luck");
  }
  const ExecutorEvent event = event_of(executor);
  REQUIRE(std::holds_alternative<DeviceLost>(event));
  CHECK(std::get<DeviceLost>(event).device == "cpu0");
  CHECK(executor.lanes() == 1);
  CHECK(executor.has_room(first_config(setup)));
}

TEST_CASE("a trial that kills every worker is not taken for a broken lane") {
  const Setup setup(load(tiny(3, 1)), {}, null_log());
  const SystemClock clock;
  IsolatedExecutor::Options options;
  // "ready" in our form, then the end when the launch comes.
  options.argv = {"/bin/sh", "-c",
                  R"(printf '\015\0\0\0\0\0\0\0\241\145event\145ready' >&0; kill -9 $$)"};
  IsolatedExecutor executor(setup.spec(), setup.engine(), options, clock);
  for (int i = 0; i < 5; ++i) {
    executor.start(launch_of(setup, 1, 3));
    CHECK(end_of(executor).reason == "worker ended by signal 9");
    CHECK(executor.lanes() == 1);
  }
  for (const int number : {2, 3}) {
    executor.start(launch_of(setup, number, 3));
    CHECK(end_of(executor).how == Ended::How::lost);
  }
  CHECK(std::holds_alternative<DeviceLost>(event_of(executor)));
  CHECK(executor.lanes() == 0);
}

TEST_CASE("what is not a message of ours ends the worker, not the search") {
  const Setup setup(load(tiny(3, 1)), {}, null_log());
  const SystemClock clock;
  // A length that cannot be, bytes that are no CBOR, CBOR that is no event.
  const std::pair<std::string, std::string> cases[] = {
      {R"(\377\377\377\377\377\377\377\377)", "a message of 18446744073709551615 bytes"},
      {R"(\002\0\0\0\0\0\0\0\377\377)", "expected one of our messages"},
      {R"(\001\0\0\0\0\0\0\0\240)", "event"},
      {R"(\014\0\0\0\0\0\0\0\241\145event\144nope)", "event 'nope'"}};
  for (const auto& [bytes, complaint] : cases) {
    IsolatedExecutor::Options options;
    options.argv = {"/bin/sh", "-c", "printf '" + bytes + "' >&0; cat > /dev/null"};
    IsolatedExecutor executor(setup.spec(), setup.engine(), options, clock);
    executor.start(launch_of(setup, 1, 3));
    const Ended ended = end_of(executor);
    CHECK(ended.how == Ended::How::lost);
    CHECK_MESSAGE(contains(ended.reason, complaint), ended.reason);
  }
}

TEST_CASE("records pass between processes with every bit") {
  const double odd[] = {0.1,       -0.0,       5e-324,
                        1e308,     1.0 / 3,    INFINITY,
                        -INFINITY, 16777217.0, std::numeric_limits<double>::max(),
                        2.5};
  auto [one, other] = Channel::pair();
  Measured measured{7, 3, {}, {{"seconds", 0.25}}, true};
  for (const double value : odd) measured.results.emplace_back("m", value);
  measured.results.emplace_back("nan", NAN);
  measured.recorded = {{"map", "decision_map", std::string("\0{\xff}", 4)}, {"b", "c", ""}};
  REQUIRE(one.send(event_to_json(measured)));
  const auto got = std::get<Measured>(event_from_json(*other.receive()));
  REQUIRE(got.results.size() == std::size(odd) + 1);
  for (std::size_t i = 0; i < std::size(odd); ++i)
    CHECK(bits(got.results[i].second) == bits(odd[i]));
  CHECK(std::isnan(got.results.back().second));
  CHECK(got.timings == measured.timings);
  CHECK(got.awaiting);
  CHECK(got.recorded == measured.recorded);

  Launch launch;
  launch.number = 12;
  launch.config.set("i", std::int64_t{64});
  launch.config.set("d", 64.0);
  launch.config.set("n", std::int64_t{-3});
  launch.config.set("b", true);
  launch.config.set("t", std::string("relu"));
  launch.until = INT_MAX;
  launch.seed = UINT64_MAX;
  launch.checkpoint = engine::Checkpoint{2, "cpu", {std::byte{0}, std::byte{255}}};
  REQUIRE(one.send(launch_to_json(launch)));
  const Launch back = launch_from_json(*other.receive());
  CHECK(back.config == launch.config);
  CHECK(back.until == INT_MAX);
  CHECK(back.seed == UINT64_MAX);
  REQUIRE(back.checkpoint.has_value());
  CHECK(back.checkpoint->step == 2);
  CHECK(back.checkpoint->bytes == launch.checkpoint->bytes);
  one.close();
  CHECK_FALSE(other.receive().has_value());
}
