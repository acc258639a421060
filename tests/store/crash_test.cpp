// An acknowledged step survives kill -9; nothing is there twice. Also: readers beside a writer, and a disk that is full.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include "core/rng.h"
#include "tests/store/helpers.h"

namespace vernier::store::test {
namespace {

constexpr int steps_per_trial = 20;

/// Adds, continues and finishes trials until it is killed; after each durable step a line goes into the pipe.
[[noreturn]] void write_for_ever(const std::filesystem::path& db, int out) {
  try {
    Store store = Store::open(db, Mode::write);
    auto study = store.find_study("mnist");
    const StudyId id = study ? study->id : store.create_study(small_study());
    int number = 0;
    for (const auto& trial : store.trials(id))
      number = std::max(number, trial.number + !!is_finished(trial.state));
    for (;; ++number) {
      const auto trials = store.trials(id);
      if (static_cast<int>(trials.size()) <= number) store.add_trial(id, small_trial(number));
      store.set_running(id, number, "cpu0", "cpu");
      for (int step = 1; step <= steps_per_trial;
           ++step) {  // from 1 again: replayed steps are compared
        store.add_step(id, number, small_step(number, step), 0.5);
        const int ack[2] = {number, step};
        (void)!::write(out, ack, sizeof ack);
        if (step % 7 == 0)
          store.save_checkpoint(
              id, number,
              {step, "cpu", "resume", std::vector<std::byte>(1'200'000, std::byte(step))});
      }
      TrialEnd end;
      end.value = 0.5;
      store.finish_trial(id, number, end);
    }
  } catch (...) {
    _exit(7);
  }
}

}  // namespace

TEST_CASE("kills at random moments lose no acknowledged step and double none") {
  const int kills = campaign("VERNIER_KILLS", 30);
  const TempFolder folder;
  const std::uint64_t seed = 20240611;
  MESSAGE("seed " << seed);
  Rng rng(RngKey{seed});
  int last_number = -1, last_step = 0, acknowledged = 0;
  for (int round = 0; round < kills; ++round) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      write_for_ever(folder.db(), ends[1]);
    }
    close(ends[1]);
    const int until = 1 + static_cast<int>(rng.below(60));
    int ack[2];
    std::optional<std::pair<int, int>> last;
    for (int i = 0; i < until && read(ends[0], ack, sizeof ack) == sizeof ack; ++i)
      last = {ack[0], ack[1]};
    // Up to 2 ms later: anywhere in a commit.
    const auto moment =
        std::chrono::steady_clock::now() + std::chrono::microseconds(rng.below(2000));
    while (std::chrono::steady_clock::now() < moment) {
    }
    kill(child, SIGKILL);
    while (read(ends[0], ack, sizeof ack) == sizeof ack) last = {ack[0], ack[1]};
    if (last) std::tie(last_number, last_step) = *last;
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));

    const Store reader = Store::open(folder.db(), Mode::read);
    const auto study = reader.find_study("mnist");
    if (!last) continue;
    REQUIRE(study);
    const auto trials = reader.trials(study->id);
    REQUIRE(static_cast<int>(trials.size()) > last_number);
    acknowledged = 0;
    for (const auto& trial : trials) {
      const auto curve = reader.curve(study->id, trial.number);
      const int least = trial.number < last_number    ? steps_per_trial
                        : trial.number == last_number ? last_step
                                                      : 0;
      CHECK(static_cast<int>(curve.size()) >= least);
      for (std::size_t i = 0; i < curve.size(); ++i) {
        CHECK(curve[i].step == static_cast<int>(i) + 1);
        CHECK(curve[i].results == small_step(trial.number, curve[i].step).results);
      }
      acknowledged += least;
    }
  }
  CHECK(acknowledged > 100);
  MESSAGE("fault: kill -9 of a writer at random moments | "
          << kills << " kills | " << acknowledged << " steps acknowledged, lost 0, doubled 0");
  Store writer = Store::open(folder.db(), Mode::write);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
    files += entry.path().extension() == ".ckpt";
  }
  CHECK(files <= 1);
}

TEST_CASE("64 readers while a writer writes: no error, and every view is whole") {
  const TempFolder folder;
  Store writer = Store::open(folder.db(), Mode::write);
  const StudyId id = writer.create_study(small_study());
  std::atomic<bool> done = false;
  std::atomic<int> reads = 0, errors = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 64; ++i) {
    readers.emplace_back([&] {
      try {
        const Store reader = Store::open(folder.db(), Mode::read);
        while (!done) {
          for (const auto& trial : reader.trials(id)) {
            const auto curve = reader.curve(id, trial.number);
            if (static_cast<int>(curve.size()) < trial.steps) ++errors;
          }
          ++reads;
        }
      } catch (const std::exception& error) {
        MESSAGE(error.what());
        ++errors;
      }
    });
  }
  for (int n = 0; n < campaign("VERNIER_READ_TRIALS", 30); ++n) whole_trial(writer, id, n, 10);
  done = true;
  for (auto& reader : readers) reader.join();
  CHECK(errors == 0);
  const auto log = std::filesystem::file_size(folder.db().string() + "-wal");
  MESSAGE("fault: 64 readers beside a writer | " << reads.load() << " reads of everything | errors "
                                                 << errors.load() << ", log " << (log >> 20)
                                                 << " MB");
  CHECK(log <= 64u << 20);
}

TEST_CASE(
    "a full disk fails a write by name, keeps what was there, and goes on when there is room") {
  const TempFolder folder;
  const pid_t child = fork();
  if (child == 0) {
    try {
      signal(SIGXFSZ, SIG_IGN);
      Store writer = Store::open(folder.db(), Mode::write);
      const StudyId id = writer.create_study(small_study());
      whole_trial(writer, id, 0);
      rlimit limit{};
      getrlimit(RLIMIT_FSIZE, &limit);
      const rlim_t most = limit.rlim_max;
      limit.rlim_cur = std::filesystem::file_size(folder.db().string() + "-wal") + 40'000;
      setrlimit(RLIMIT_FSIZE, &limit);
      int number = 1;
      std::string error;
      while (error.empty() && number < 10'000) {
        error = store_error([&] { writer.transaction([&] { whole_trial(writer, id, number); }); });
        if (error.empty()) ++number;
      }
      if (number >= 10'000) _exit(2);
      if (static_cast<int>(writer.trials(id).size()) != number) _exit(3);
      limit.rlim_cur = most;
      setrlimit(RLIMIT_FSIZE, &limit);
      whole_trial(writer, id, number);
      if (writer.curve(id, number).size() != 3) _exit(4);
      if (static_cast<int>(Store::open(folder.db(), Mode::read).trials(id).size()) != number + 1)
        _exit(5);
      _exit(0);
    } catch (...) {
      _exit(6);
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace vernier::store::test
