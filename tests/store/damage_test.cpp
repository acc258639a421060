// A damaged file is an error or makes no difference; it is never read as something else, and never crashes.
#include <doctest/doctest.h>

#include <fstream>

#include "core/file.h"
#include "core/rng.h"
#include "store/query/query.h"
#include "store/sqlite/connection.h"
#include "tests/store/helpers.h"

namespace vernier::store::test {
namespace {

namespace fs = std::filesystem;

struct Everything {
  std::vector<TrialRecord> trials;
  std::vector<std::vector<StepRow>> curves;
  std::vector<std::byte> checkpoint;
  StudyRecord study;
};

Everything read_all(const fs::path& file) {
  Everything all;
  const Store store = Store::open(file, Mode::read);
  all.study = store.study("mnist");
  all.trials = store.trials(all.study.id);
  for (const auto& trial : all.trials)
    all.curves.push_back(store.curve(all.study.id, trial.number));
  const auto checkpoint = store.load_checkpoint(all.study.id, 1, "best");
  if (checkpoint) all.checkpoint = checkpoint->bytes;
  return all;
}

bool same_results(const Everything& a, const Everything& b) {
  if (a.trials.size() != b.trials.size() || a.checkpoint != b.checkpoint ||
      a.study.spec != b.study.spec)
    return false;
  for (std::size_t i = 0; i < a.trials.size(); ++i) {
    const TrialRecord &x = a.trials[i], &y = b.trials[i];
    if (x.number != y.number || !(x.config == y.config) || x.state != y.state ||
        x.value != y.value || x.best_step != y.best_step || x.seed != y.seed ||
        x.steps != y.steps || x.weights_hash != y.weights_hash || x.seconds != y.seconds ||
        x.reason != y.reason || x.kind != y.kind) {
      return false;
    }
    if (a.curves[i].size() != b.curves[i].size()) return false;
    for (std::size_t j = 0; j < a.curves[i].size(); ++j) {
      const StepRow &p = a.curves[i][j], &q = b.curves[i][j];
      if (p.step != q.step || p.results != q.results || p.timings != q.timings) return false;
    }
  }
  return true;
}

void make(const fs::path& file) {
  Store writer = Store::open(file, Mode::write);
  const StudyId id = writer.create_study(small_study());
  writer.transaction([&] {
    for (int n = 0; n < 30; ++n) whole_trial(writer, id, n, 20);
  });
  writer.save_checkpoint(id, 1,
                         {20, "cpu", "best", std::vector<std::byte>(20'000, std::byte{0x5A})});
}

}  // namespace

TEST_CASE("mutations of a file: an error or the right data, 0 silent differences") {
  const int rounds = campaign("VERNIER_MUTATIONS", 300);
  const TempFolder folder;
  make(folder.db());
  const Everything truth = read_all(folder.db());
  REQUIRE(truth.trials.size() == 30);
  const std::string original = read_text(folder.db());
  const std::uint64_t seed = 4711;
  MESSAGE("seed " << seed);
  Rng rng(RngKey{seed});
  int refused = 0, harmless = 0, silent = 0;
  const auto copy = folder.path() / "copy.db";
  for (int round = 0; round < rounds; ++round) {
    std::string bytes = original;
    const int kind = static_cast<int>(rng.below(3));
    const std::size_t at = rng.below(bytes.size());
    if (kind == 0) bytes[at] = static_cast<char>(bytes[at] ^ (1 << rng.below(8)));
    if (kind == 1) bytes[at] = static_cast<char>(rng());
    if (kind == 2) {
      for (std::size_t i = at; i < std::min(bytes.size(), at + 64); ++i)
        bytes[i] = static_cast<char>(rng());
    }
    for (const char* ending : {"-wal", "-shm"}) fs::remove(copy.string() + ending);
    std::ofstream(copy, std::ios::binary | std::ios::trunc) << bytes;
    try {
      if (same_results(read_all(copy), truth)) {
        ++harmless;
      } else {
        ++silent;
        MESSAGE("silent: round " << round << " kind " << kind << " at " << at);
      }
    } catch (const Error&) {
      ++refused;
    }
    try {  // never a crash
      query(copy, "val_acc > 0.5 order by value desc", {});
      query(copy, "SELECT count(*), sum(value) FROM curves", {});
    } catch (const Error&) {
    }
  }
  MESSAGE("fault: damaged files | " << rounds << " mutations | refused " << refused << ", harmless "
                                    << harmless << ", silent " << silent << ", crashes 0");
  CHECK(silent == 0);
  CHECK(refused > rounds / 10);
}

TEST_CASE("a flipped bit in a chunk, a checkpoint or a finished row names the trial") {
  const TempFolder folder;
  make(folder.db());
  const auto damage = [&](const std::string& sql) {
    const auto copy = folder.path() / "copy.db";
    for (const char* ending : {"-wal", "-shm"}) fs::remove(copy.string() + ending);
    fs::copy_file(folder.db(), copy, fs::copy_options::overwrite_existing);
    sqlite::Connection(copy, sqlite::Access::write, 0).execute(sql);
    return store_error([&] { read_all(copy); });
  };
  CHECK(damage("SELECT 1").empty());
  CHECK(contains(damage("UPDATE trial SET value = 0.99 WHERE number = 7"), "mnist#7"));
  CHECK(contains(damage("UPDATE trial SET seconds = 1e9 WHERE number = 7"), "mnist#7"));
  CHECK(contains(damage("UPDATE trial SET state = 'running' WHERE number = 7"), "mnist#7"));
  CHECK(contains(damage("UPDATE trial SET config = replace(config, '1', '2') WHERE number = 8"),
                 "mnist#8"));
  CHECK(contains(damage("UPDATE curve SET chunk = CAST(substr(chunk, 1, 30) || x'00' || "
                        "substr(chunk, 32) AS BLOB) WHERE number = 9"),
                 "mnist#9"));
  CHECK(contains(damage("UPDATE curve SET crc = crc + 1 WHERE number = 9 AND metric = 0"),
                 "mnist#9"));
  CHECK(contains(damage("DELETE FROM curve WHERE number = 9 AND metric = 0"), "mnist#9"));
  CHECK(contains(damage("UPDATE checkpoint SET blob = zeroblob(20000)"), "mnist#1"));
  CHECK(contains(damage("DELETE FROM trial WHERE number = 3"), "29 readable trials of 30"));
  CHECK(contains(damage("UPDATE study SET spec = '{}'"), "study 'mnist'"));
}

}  // namespace vernier::store::test
