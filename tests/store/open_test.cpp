// What is refused when a database is opened, by name, and what stays as it was.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <fstream>

#include "core/file.h"
#include "store/lock/file_system.h"
#include "store/lock/lock.h"
#include "store/schema/schema.h"
#include "tests/store/helpers.h"

namespace vernier::store::test {
namespace {

namespace fs = std::filesystem;

std::string refusal(const fs::path& file, Mode mode) {
  return store_error([&] { Store::open(file, mode); });
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("a directory, a text file, an empty file, a missing one") {
  const TempFolder folder;
  for (const Mode mode : {Mode::read, Mode::write})
    CHECK(contains(refusal(folder.path(), mode), "is a directory"));
  const auto text = folder.path() / "notes.txt";
  write(text, "Dear diary,\x1b[31m today\n");
  for (const Mode mode : {Mode::read, Mode::write}) {
    CHECK(contains(refusal(text, mode), "not a database"));
    CHECK_FALSE(contains(refusal(text, mode), "\x1b"));
  }
  CHECK(read_text(text) == "Dear diary,\x1b[31m today\n");
  CHECK_FALSE(fs::exists(lock_path(text)));
  write(folder.db(), "");
  CHECK(contains(refusal(folder.db(), Mode::read), "empty file"));
  CHECK(contains(refusal("/dev/null", Mode::write), "no regular file"));
  CHECK(contains(refusal(folder.path() / "none" / "v.db", Mode::write), "no such folder"));
  CHECK(contains(
      store_error([&] { Store::open(folder.path() / "x.db", Mode::write, {.create = false}); }),
      "no such database"));
  CHECK_FALSE(fs::exists(folder.path() / "x.db"));
  Store::open(folder.db(), Mode::write)
      .create_study(small_study());  // an empty file is as good as none
  CHECK(Store::open(folder.db(), Mode::read).studies().size() == 1);
}

TEST_CASE("another program's database stays untouched") {
  const TempFolder folder;
  for (const char* set_up :
       {"CREATE TABLE t(x)", "CREATE TABLE t(x); PRAGMA application_id = 252006675"}) {
    fs::remove(folder.db());
    sqlite::Connection(folder.db(), sqlite::Access::create, 0).execute(set_up);
    const std::string before = read_text(folder.db());
    for (const Mode mode : {Mode::read, Mode::write})
      CHECK(contains(refusal(folder.db(), mode), "another program"));
    CHECK(read_text(folder.db()) == before);
  }
}

TEST_CASE("a newer version is refused with the version that wrote it") {
  const TempFolder folder;
  { Store::open(folder.db(), Mode::write).create_study(small_study()); }
  sqlite::Connection(folder.db(), sqlite::Access::write, 0)
      .execute(
          "PRAGMA user_version = 99; UPDATE meta SET value = '7.5.1' WHERE key = 'written_by'");
  for (const Mode mode : {Mode::read, Mode::write}) {
    CHECK(contains(refusal(folder.db(), mode), "vernier 7.5.1"));
    CHECK(contains(refusal(folder.db(), mode), "schema version 99"));
  }
}

TEST_CASE("a truncated file is refused") {
  const TempFolder folder;
  {
    Store writer = Store::open(folder.db(), Mode::write);
    whole_trial(writer, writer.create_study(small_study()), 0);
  }
  const auto size = fs::file_size(folder.db());
  for (const auto keep :
       {size - 1, size / 2, std::uintmax_t{4096}, std::uintmax_t{99}, std::uintmax_t{17}}) {
    CAPTURE(keep);
    const auto copy = folder.path() / "copy.db";
    fs::copy_file(folder.db(), copy, fs::copy_options::overwrite_existing);
    fs::resize_file(copy, keep);
    for (const Mode mode : {Mode::read, Mode::write})
      CHECK(contains(refusal(copy, mode), "truncated"));
  }
}

TEST_CASE("a second writer is refused with process, host and time; the lock dies with its holder") {
  const TempFolder folder;
  int ready[2], done[2];
  REQUIRE(pipe(ready) == 0);
  REQUIRE(pipe(done) == 0);
  const pid_t child = fork();
  if (child == 0) {
    try {
      Store writer = Store::open(folder.db(), Mode::write);
      writer.create_study(small_study());
      (void)!::write(ready[1], "x", 1);
      char c;
      (void)!::read(done[0], &c, 1);
      _exit(0);
    } catch (...) {
      _exit(1);
    }
  }
  char c;
  REQUIRE(::read(ready[0], &c, 1) == 1);
  const std::string text = refusal(folder.db(), Mode::write);
  CHECK(contains(text, "process " + std::to_string(child)));
  CHECK(contains(text, "since 20"));
  CHECK(is_locked(folder.db()));
  CHECK(Store::open(folder.db(), Mode::read).studies().size() == 1);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  CHECK_FALSE(is_locked(folder.db()));
  CHECK(Store::open(folder.db(), Mode::write).studies().size() == 1);
  for (const int fd : {ready[0], ready[1], done[0], done[1]}) close(fd);
}

TEST_CASE("two writers of one process are refused too") {
  const TempFolder folder;
  const Store first = Store::open(folder.db(), Mode::write);
  CHECK(contains(refusal(folder.db(), Mode::write), "one writer per database"));
}

TEST_CASE("a reader works in a folder that it cannot write, where no log waits") {
  if (geteuid() != 0) {
    MESSAGE("skipped: needs another user than the owner of the folder");
    return;
  }
  const TempFolder folder;
  {
    Store writer = Store::open(folder.db(), Mode::write);
    whole_trial(writer, writer.create_study(small_study()), 0);
  }
  REQUIRE_FALSE(fs::exists(folder.db().string() + "-wal"));
  fs::permissions(folder.path(), fs::perms(0755));
  const auto as_nobody = [&](const auto& body) {
    const pid_t child = fork();
    if (child == 0) {
      if (setuid(65534) != 0) _exit(9);
      try {
        _exit(body());
      } catch (...) {
        _exit(8);
      }
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
  };
  CHECK(as_nobody([&] {
          return Store::open(folder.db(), Mode::read).curve(1, 0).size() == 3 ? 0 : 1;
        }) == 0);
  write(folder.db().string() + "-wal", "something");
  CHECK(as_nobody([&] {
          return contains(refusal(folder.db(), Mode::read), "read-only folder") ? 0 : 1;
        }) == 0);
}

TEST_CASE("network file systems have names") {
  CHECK(network_name(0x6969) == "NFS");
  CHECK(network_name(0xFF534D42) == "CIFS");
  CHECK_FALSE(network_name(0xEF53));
  MESSAGE("fault: network file systems | by their numbers | refused by name");
  const TempFolder folder;
  CHECK_FALSE(network_file_system(folder.db()));
}

TEST_CASE("databases of every version open and have what they had") {
  if (const char* target = std::getenv("VERNIER_MAKE_FIXTURE")) {
    Store writer = Store::open(target, Mode::write);
    const StudyId id = writer.create_study(small_study());
    for (int n = 0; n < 4; ++n) whole_trial(writer, id, n);
    writer.add_trial(id, small_trial(4));
    writer.set_running(id, 4, "cpu0", "cpu-avx2");
    writer.add_step(id, 4, small_step(4, 1), 0.5);
    writer.save_checkpoint(id, 4,
                           {1, "cpu-avx2", "resume", std::vector<std::byte>(100, std::byte{42})});
    return;
  }
  for (std::size_t version = 1; version <= migrations().size(); ++version) {
    CAPTURE(version);
    const TempFolder folder;
    fs::copy_file(
        fs::path(VERNIER_SOURCE_DIR) / fmt::format("tests/fixtures/store/v{}.db", version),
        folder.db());
    Store store = Store::open(folder.db(), Mode::write);
    const StudyId id = store.study("mnist").id;
    const auto trials = store.trials(id);
    REQUIRE(trials.size() == 5);
    for (int n = 0; n < 4; ++n) {
      const auto& trial = trials[static_cast<std::size_t>(n)];
      CHECK(trial.config == small_trial(n).config);
      CHECK(trial.state == State::completed);
      CHECK(trial.value == 0.5 + 0.01 * 3 + 0.001 * n);
      const auto curve = store.curve(id, n);
      REQUIRE(curve.size() == 3);
      CHECK(curve[2].results == small_step(n, 3).results);
    }
    CHECK(store.curve(id, 4).at(0).results == small_step(4, 1).results);
    CHECK(store.load_checkpoint(id, 4, "resume")->bytes.size() == 100);
    store.add_step(id, 4, small_step(4, 2), 0.6);
  }
}

TEST_CASE("a later version is reached step by step, after a copy; a failed step changes nothing") {
  const TempFolder folder;
  {
    Store writer = Store::open(folder.db(), Mode::write);
    whole_trial(writer, writer.create_study(small_study()), 0);
  }
  std::vector<Migration> steps(migrations().begin(), migrations().end());
  steps.push_back({"test_good", "ALTER TABLE trial ADD COLUMN extra TEXT"});
  sqlite::Connection db(folder.db(), sqlite::Access::write, 0);
  migrate(db, steps);
  CHECK(version_of(db) == static_cast<int>(steps.size()));
  const auto copy = fmt::format("{}.v{}.bak", folder.db().string(), migrations().size());
  CHECK(fs::exists(copy));
  CHECK(Store::open(copy, Mode::read).trials(1).size() == 1);
  steps.push_back(
      {"test_bad", "ALTER TABLE trial ADD COLUMN more TEXT; SELECT nonsense FROM nowhere"});
  CHECK(contains(store_error([&] { migrate(db, steps); }), "test_bad"));
  CHECK(version_of(db) == static_cast<int>(steps.size()) - 1);
  CHECK_THROWS_AS(db.query("SELECT more FROM trial"), StoreError);
  CHECK(contains(refusal(folder.db(), Mode::read),
                 fmt::format("schema version {}", steps.size() - 1)));
}

}  // namespace vernier::store::test
