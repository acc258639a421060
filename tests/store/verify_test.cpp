// verify finds what was damaged, recover saves the rest and says what is gone, backup copies beside a writer.
#include "store/verify.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "core/file.h"
#include "core/rng.h"
#include "store/lock/lock.h"
#include "store/sqlite/connection.h"
#include "tests/store/helpers.h"

namespace vernier::store::test {
namespace {

namespace fs = std::filesystem;

/// 12 finished trials, one running with a checkpoint, one waiting; a large checkpoint in a file.
void make(const fs::path& file) {
  Store writer = Store::open(file, Mode::write);
  const StudyId id = writer.create_study(small_study());
  writer.transaction([&] {
    for (int n = 1; n <= 12; ++n) {
      whole_trial(writer, id, n, 20);
      writer.save_checkpoint(id, n,
                             {20, "cpu", "best", std::vector<std::byte>(3'000, std::byte(n))});
    }
    writer.save_checkpoint(id, 1,
                           {20, "cpu", "best", std::vector<std::byte>(1'100'000, std::byte{7})});
    writer.add_trial(id, small_trial(13));
    writer.set_running(id, 13, "cpu0", "cpu");
    for (int step = 1; step <= 5; ++step) writer.add_step(id, 13, small_step(13, step), 0.5);
    writer.add_rung(id, {13, 5, -0.5});
    writer.save_checkpoint(id, 13, {5, "cpu", "resume", std::vector<std::byte>(500, std::byte{1})});
    writer.add_trial(id, small_trial(14));
  });
  writer.set_note(id, 3, "good");
  const std::vector<std::string> tags{"final"};
  writer.set_tags(id, 4, tags, {});
  writer.add_event(id, {1.0, 2, "note", "an event"});
}

void copy_to(const fs::path& from, const fs::path& to) {
  for (const char* ending : {"-wal", "-shm", ".lock"}) fs::remove(to.string() + ending);
  fs::remove_all(to.string() + ".d");
  fs::copy_file(from, to, fs::copy_options::overwrite_existing);
  if (fs::exists(from.string() + ".d"))
    fs::copy(from.string() + ".d", to.string() + ".d", fs::copy_options::recursive);
}

void execute(const fs::path& file, const std::string& sql) {
  sqlite::Connection(file, sqlite::Access::write, 0).execute(sql);
}

std::string found(const VerifyReport& report) {
  std::string text;
  for (const Finding& finding : report.findings) text += finding.where + ": " + finding.what + "\n";
  return text;
}

std::string found(const RecoverReport& report) {
  std::string text;
  for (const Finding& finding : report.lost) text += finding.where + ": " + finding.what + "\n";
  return text;
}

/// One bit of one value that a finished trial rests on; returns the trial.
int flip_a_bit(const fs::path& file, Rng& rng, int round) {
  sqlite::Connection db(file, sqlite::Access::write, 0);
  const int number = 1 + static_cast<int>(rng.below(12));
  struct Place {
    const char *table, *column;
  };
  static constexpr Place places[] = {
      {"curve", "chunk"},        {"checkpoint", "blob"}, {"trial", "value"},
      {"trial", "steps"},        {"trial", "seconds"},   {"trial", "config"},
      {"trial", "weights_hash"}, {"params_1", "p1"},     {"params_1", "p0"},
      {"metrics_1", "m0_best"},  {"metrics_1", "flops"}, {"metrics_1", "m1_last"},
      {"trial", "state"},        {"trial", "curve_crc"}, {"trial", "crc"},
      {"trial", "config_crc"},   {"trial", "rows_crc"},  {"curve", "crc"}};
  const Place& place = places[static_cast<std::size_t>(round) % std::size(places)];
  const int target = std::string(place.table) == "checkpoint" && number == 1 ? 2 : number;
  const bool blob = std::string(place.column) == "chunk" || std::string(place.column) == "blob";
  std::string where = fmt::format("number = {}", target);
  if (std::string(place.table) == "curve") where += " AND metric = 0";
  Value value;
  std::vector<std::byte> bytes;
  {
    auto row =
        db.query(fmt::format("SELECT {} FROM {} WHERE {}", place.column, place.table, where));
    REQUIRE(row.next());
    value = row.value(0);
    const auto view = row.blob(0);
    bytes.assign(view.begin(), view.end());
  }
  const std::string update =
      fmt::format("UPDATE {} SET {} = ? WHERE {}", place.table, place.column, where);
  if (blob) {
    bytes[rng.below(bytes.size())] ^= std::byte(1 << rng.below(8));
    db.run(update, bytes);
  } else if (auto* real = std::get_if<double>(&value)) {
    *real = std::bit_cast<double>(std::bit_cast<std::uint64_t>(*real) ^ 1ull << rng.below(64));
    db.run(update, *real);
  } else if (auto* integer = std::get_if<std::int64_t>(&value)) {
    db.run(update, *integer ^ std::int64_t{1} << rng.below(31));
  } else {
    auto& text = std::get<std::string>(value);
    const auto at = rng.below(text.size());
    text[at] = static_cast<char>(text[at] ^ (1 << rng.below(7)));
    db.run(update, text);
  }
  return target;
}

}  // namespace

TEST_CASE("verify reads everything of a whole database, and finds nothing") {
  const TempFolder folder;
  make(folder.db());
  const VerifyReport report = verify(folder.db());
  CHECK_MESSAGE(report.findings.empty(), found(report));
  CHECK(report.studies == 1);
  CHECK(report.trials == 14);
  CHECK(report.finished == 12);
  CHECK(report.chunks == 36);
  CHECK(report.hot_rows == 5);
  CHECK(report.checkpoints == 13);
  CHECK(report.unsummed == 0);
}

TEST_CASE("verify finds every one of 100 bit flips in chunks, checkpoints and finished rows") {
  const TempFolder folder;
  const auto whole = folder.path() / "whole.db";
  make(whole);
  const std::uint64_t seed = 20261;
  MESSAGE("seed " << seed);
  Rng rng(RngKey{seed});
  const int flips = campaign("VERNIER_FLIPS", 100);
  int named = 0;
  for (int round = 0; round < flips; ++round) {
    copy_to(whole, folder.db());
    const int number = flip_a_bit(folder.db(), rng, round);
    const std::string text = found(verify(folder.db()));
    CAPTURE(round);
    CAPTURE(text);
    CHECK(contains(text, fmt::format("mnist#{}:", number)));
    named += contains(text, fmt::format("mnist#{}:", number));
  }
  MESSAGE("fault: bit flips in chunks, checkpoints and finished rows | "
          << flips << " flips | found and named " << named);
  CHECK(named == flips);
}

TEST_CASE(
    "verify names a missing file, rows that belong to nothing, missing trials and torn pages") {
  const TempFolder folder;
  const auto whole = folder.path() / "whole.db";
  make(whole);
  const auto after = [&](const std::string& sql) {
    copy_to(whole, folder.db());
    execute(folder.db(), "PRAGMA foreign_keys = OFF; " + sql);
    return found(verify(folder.db()));
  };
  CHECK(contains(after("DELETE FROM trial WHERE number = 5"), "13 readable trials of 14"));
  CHECK(contains(after("DELETE FROM trial WHERE number = 5"), "belong to no trial"));
  CHECK(contains(after("DELETE FROM epoch_hot WHERE step = 5"),
                 "mnist#13: its steps end at 4, not 5"));
  CHECK(contains(after("DELETE FROM metrics_1 WHERE number = 2"), "mnist#2:"));
  CHECK(contains(after("UPDATE study SET seed = 1"), "mnist: "));
  copy_to(whole, folder.db());
  fs::remove_all(folder.db().string() + ".d");
  CHECK(contains(found(verify(folder.db())), "mnist#1: "));
  copy_to(whole, folder.db());
  {
    std::fstream io(folder.db(), std::ios::binary | std::ios::in | std::ios::out);
    io.seekp(10 * 4096);
    io << std::string(4096, 'x');
  }
  CHECK_FALSE(verify(folder.db()).findings.empty());
}

TEST_CASE("a database of version 1 gets the new sums when it is migrated, but no sum over damage") {
  const TempFolder folder;
  const fs::path fixtures = fs::path(VERNIER_SOURCE_DIR) / "tests/fixtures/store";
  fs::copy_file(fixtures / "v1.db", folder.db());
  execute(folder.db(), "UPDATE trial SET value = 0.99 WHERE number = 2");
  (void)Store::open(folder.db(), Mode::write);
  const VerifyReport report = verify(folder.db());
  CHECK(report.finished == 3);
  CHECK(report.unsummed == 0);
  CHECK(contains(found(report), "mnist#2: the checksum of its result differs"));
  execute(folder.db(), "UPDATE params_1 SET p1 = 0.5 WHERE number = 1");
  CHECK(contains(found(verify(folder.db())), "mnist#1: "));
}

TEST_CASE("recover saves what is whole, lists what is not, and lets what can be made again wait") {
  const TempFolder folder;
  const auto whole = folder.path() / "whole.db", to = folder.path() / "saved.db";
  make(whole);
  const auto recovered = [&](const std::string& sql) {
    copy_to(whole, folder.db());
    execute(folder.db(), "PRAGMA foreign_keys = OFF; " + sql);
    for (const char* ending : {"", "-wal", "-shm", ".lock"}) fs::remove(to.string() + ending);
    fs::remove_all(to.string() + ".d");
    const std::string text = found(recover(folder.db(), to));
    CHECK(found(verify(to)).empty());
    return text;
  };
  CHECK(recovered("SELECT 1").empty());
  {
    const Store store = Store::open(to, Mode::read);
    const Store truth = Store::open(whole, Mode::read);
    for (int n = 1; n <= 14; ++n) {
      CHECK(store.trial(1, n).config == truth.trial(1, n).config);
      CHECK(store.trial(1, n).value == truth.trial(1, n).value);
      CHECK(store.trial(1, n).ended == truth.trial(1, n).ended);
      CHECK(store.curve(1, n).size() == truth.curve(1, n).size());
    }
    CHECK(store.load_checkpoint(1, 1, "best")->bytes.size() == 1'100'000);
    CHECK(store.trial(1, 3).note == "good");
    CHECK(store.trial(1, 4).tags == std::vector<std::string>{"final"});
    CHECK(store.events(1).size() == truth.events(1).size());
    CHECK(store.rungs(1).size() == 1);
  }
  CHECK(contains(recovered("UPDATE trial SET value = 0.99 WHERE number = 7"),
                 "mnist#7: the checksum of its result differs; it waits to be trained again"));
  CHECK(Store::open(to, Mode::read).trial(1, 7).state == State::waiting);
  CHECK(contains(recovered("UPDATE trial SET config = '{}' WHERE number = 7"),
                 "mnist#7: the checksum"));
  CHECK_THROWS_AS(Store::open(to, Mode::read).trial(1, 7), NotFoundError);
  CHECK(contains(recovered("UPDATE curve SET chunk = zeroblob(40) WHERE number = 8 AND metric = 0"),
                 "mnist#8: its curve 'val_acc'"));
  CHECK(Store::open(to, Mode::read).curve(1, 8).at(0).results.size() == 1);
  CHECK(contains(recovered("UPDATE params_1 SET p0 = 77 WHERE number = 9"), "mnist#9: its rows"));
  CHECK(contains(recovered("UPDATE checkpoint SET blob = zeroblob(3000) WHERE number = 6"),
                 "mnist#6: its checkpoint 'best'"));
  CHECK(contains(recovered("DELETE FROM epoch_hot WHERE step = 5"), "mnist#13: its steps"));
  CHECK(
      contains(recovered("DELETE FROM trial WHERE number = 10"), "mnist#10: its row is not there"));
  CHECK(contains(recovered("UPDATE study SET spec_hash = 'x'"), "tag 'damaged'"));
  CHECK(contains(store_error([&] { recover(whole, to); }), "is there already"));
}

TEST_CASE("mutated files: recovered ones verify, and nothing in them is wrong") {
  const TempFolder folder;
  const auto whole = folder.path() / "whole.db", to = folder.path() / "saved.db";
  make(whole);
  const std::string original = read_text(whole);
  const Store truth = Store::open(whole, Mode::read);
  const std::uint64_t seed = 90125;
  MESSAGE("seed " << seed);
  Rng rng(RngKey{seed});
  const int rounds = campaign("VERNIER_MUTATIONS", 60);
  int refused = 0, complete = 0, partly = 0, wrong = 0;
  std::int64_t trials = 0;
  for (int round = 0; round < rounds; ++round) {
    copy_to(whole, folder.db());
    std::string bytes = original;
    const std::size_t at = rng.below(bytes.size());
    const std::size_t length = round % 3 == 0 ? 1 : round % 3 == 1 ? 64 : 4096;
    for (std::size_t i = at; i < std::min(bytes.size(), at + length); ++i)
      bytes[i] = static_cast<char>(rng());
    if (round % 10 == 9) bytes.resize(bytes.size() / 2 + rng.below(bytes.size() / 2));
    std::ofstream(folder.db(), std::ios::binary | std::ios::trunc) << bytes;
    for (const char* ending : {"", "-wal", "-shm", ".lock"}) fs::remove(to.string() + ending);
    fs::remove_all(to.string() + ".d");
    try {
      const RecoverReport report = recover(folder.db(), to);
      (report.lost.empty() ? complete : partly) += 1;
      trials += report.trials;
      const Store store = Store::open(to, Mode::read);
      const std::string lost = found(report);
      for (const auto& study : store.studies()) {
        for (const auto& trial : store.trials(study.id)) {
          const auto real = truth.trial(1, trial.number);
          const bool same = trial.config == real.config &&
                            (trial.state == State::waiting || trial.value == real.value);
          const bool told = contains(lost, fmt::format("#{}:", trial.number));
          const bool curves = store.curve(study.id, trial.number).size() == real.steps * 1u;
          wrong += !same || (!curves && !told && trial.state != State::waiting);
        }
      }
    } catch (const Error&) {
      ++refused;
    }
  }
  MESSAGE("fault: recovery of damaged files | "
          << rounds << " files | nothing lost " << complete << ", part lost " << partly
          << ", nothing readable " << refused << "; trials saved " << trials << ", wrong "
          << wrong);
  CHECK(wrong == 0);
  CHECK(complete + partly > rounds / 2);
}

TEST_CASE("a backup beside a running writer is whole, with its files") {
  const TempFolder folder;
  make(folder.db());
  std::atomic<bool> done = false;
  std::jthread writing([&] {
    Store writer = Store::open(folder.db(), Mode::write);
    for (int n = 15; n < 400 && !done; ++n) {
      whole_trial(writer, 1, n, 10);
      writer.save_checkpoint(1, n,
                             {10, "cpu", "best", std::vector<std::byte>(1'000'001, std::byte(n))});
      if (n > 16) writer.drop_checkpoint(1, n - 2, "best");
    }
  });
  for (int k = 0; k < 5; ++k) {
    const auto to = folder.path() / fmt::format("copy{}.db", k);
    backup(folder.db(), to);
    const VerifyReport report = verify(to);
    CHECK_MESSAGE(report.findings.empty(), found(report));
    CHECK(report.trials >= 14);
  }
  done = true;
  writing.join();
  CHECK(contains(store_error([&] { backup(folder.db(), folder.path() / "copy0.db"); }),
                 "is there already"));
  CHECK(contains(store_error([&] { backup(folder.db(), "/nowhere/at/all.db"); }),
                 "/nowhere/at/all.db"));
}

TEST_CASE(
    "a writer whose lock file was removed cannot write any more once another has taken over") {
  const TempFolder folder;
  Store stale = Store::open(folder.db(), Mode::write);
  const StudyId id = stale.create_study(small_study());
  stale.add_trial(id, small_trial(1));
  fs::remove(lock_path(folder.db()));
  Store next = Store::open(folder.db(), Mode::write);
  int refused = 0;
  for (int k = 0; k < 10; ++k)
    refused +=
        contains(store_error([&] { stale.set_running(id, 1, "cpu0", "cpu"); }), "taken over");
  MESSAGE("fault: writes of a stale writer | 10 writes | refused " << refused << ", accepted "
                                                                   << 10 - refused);
  CHECK(refused == 10);
  next.set_running(id, 1, "cpu1", "cpu");
  CHECK(next.trial(id, 1).device == "cpu1");
}

}  // namespace vernier::store::test
