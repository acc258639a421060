// An acknowledged step survives loss of power: every write between two syncs may be on the disk, torn, or not at all.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>

#include "core/rng.h"
#include "store/verify.h"
#include "tests/store/helpers.h"

namespace vernier::store::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t sector = 512;

struct Entry {
  enum Kind { write, truncate, sync, remove } kind;
  std::string file;
  std::size_t at = 0;
  std::string bytes;
};

/// What reached the operating system, in order. SQLite's default VFS, passed through, while one of these lives.
class Recorder {
 public:
  Recorder() {
    real() = sqlite3_vfs_find(nullptr);
    log().clear();
    static sqlite3_vfs own;
    own = *real();
    own.zName = "recorder";
    own.szOsFile = static_cast<int>(sizeof(File)) + real()->szOsFile;
    own.xOpen = open;
    own.xDelete = remove;
    sqlite3_vfs_register(&own, 1);
    own_ = &own;
  }
  Recorder(const Recorder&) = delete;
  ~Recorder() {
    sqlite3_vfs_unregister(own_);
    sqlite3_vfs_register(real(), 1);
  }
  static std::vector<Entry>& log() {
    static std::vector<Entry> entries;
    return entries;
  }

 private:
  struct File {
    sqlite3_file base;
    sqlite3_io_methods methods;
    const char* name;
  };
  static sqlite3_vfs*& real() {
    static sqlite3_vfs* vfs = nullptr;
    return vfs;
  }
  static sqlite3_file* inner(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<File*>(file) + 1);
  }
  static std::string name(sqlite3_file* file) {
    const char* text = reinterpret_cast<File*>(file)->name;
    return text ? fs::path(text).filename().string() : "";
  }

  static int open(sqlite3_vfs*, const char* path, sqlite3_file* raw, int flags, int* out) {
    auto* file = reinterpret_cast<File*>(raw);
    file->base.pMethods = nullptr;
    file->name = path;
    sqlite3_file* below = inner(raw);
    const int code = real()->xOpen(real(), path, below, flags, out);
    if (!below->pMethods) return code;
    sqlite3_io_methods& m = file->methods;
    m = {};
    m.iVersion = 2;
    m.xClose = [](sqlite3_file* f) { return inner(f)->pMethods->xClose(inner(f)); };
    m.xRead = [](sqlite3_file* f, void* to, int n, sqlite3_int64 at) {
      return inner(f)->pMethods->xRead(inner(f), to, n, at);
    };
    m.xWrite = [](sqlite3_file* f, const void* from, int n, sqlite3_int64 at) {
      log().push_back({Entry::write, name(f), static_cast<std::size_t>(at),
                       std::string(static_cast<const char*>(from), static_cast<std::size_t>(n))});
      return inner(f)->pMethods->xWrite(inner(f), from, n, at);
    };
    m.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) {
      log().push_back({Entry::truncate, name(f), static_cast<std::size_t>(size), ""});
      return inner(f)->pMethods->xTruncate(inner(f), size);
    };
    m.xSync = [](sqlite3_file* f, int how) {
      log().push_back({Entry::sync, name(f), 0, ""});
      return inner(f)->pMethods->xSync(inner(f), how);
    };
    m.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) {
      return inner(f)->pMethods->xFileSize(inner(f), size);
    };
    m.xLock = [](sqlite3_file* f, int how) { return inner(f)->pMethods->xLock(inner(f), how); };
    m.xUnlock = [](sqlite3_file* f, int how) { return inner(f)->pMethods->xUnlock(inner(f), how); };
    m.xCheckReservedLock = [](sqlite3_file* f, int* held) {
      return inner(f)->pMethods->xCheckReservedLock(inner(f), held);
    };
    m.xFileControl = [](sqlite3_file* f, int what, void* with) {
      return inner(f)->pMethods->xFileControl(inner(f), what, with);
    };
    m.xSectorSize = [](sqlite3_file* f) { return inner(f)->pMethods->xSectorSize(inner(f)); };
    // No promise about torn writes beyond what a plain disk gives.
    m.xDeviceCharacteristics = [](sqlite3_file*) { return 0; };
    m.xShmMap = [](sqlite3_file* f, int region, int size, int extend, void volatile** to) {
      return inner(f)->pMethods->xShmMap(inner(f), region, size, extend, to);
    };
    m.xShmLock = [](sqlite3_file* f, int at, int n, int how) {
      return inner(f)->pMethods->xShmLock(inner(f), at, n, how);
    };
    m.xShmBarrier = [](sqlite3_file* f) { inner(f)->pMethods->xShmBarrier(inner(f)); };
    m.xShmUnmap = [](sqlite3_file* f, int drop) {
      return inner(f)->pMethods->xShmUnmap(inner(f), drop);
    };
    file->base.pMethods = &m;
    return code;
  }
  static int remove(sqlite3_vfs*, const char* path, int sync_folder) {
    log().push_back({Entry::remove, fs::path(path).filename().string(), 0, ""});
    return real()->xDelete(real(), path, sync_folder);
  }

  sqlite3_vfs* own_;
};

struct Disk {
  std::map<std::string, std::string> files;

  void apply(const Entry& entry, std::size_t bytes) {
    std::string& content = files[entry.file];
    if (entry.kind == Entry::truncate) content.resize(entry.at);
    if (entry.kind == Entry::remove) files.erase(entry.file);
    if (entry.kind != Entry::write || bytes == 0) return;
    if (content.size() < entry.at + bytes) content.resize(entry.at + bytes);
    content.replace(entry.at, bytes, entry.bytes, 0, bytes);
  }

  /// Everything before the last sync of its file; of the rest each write whole, torn at a sector, or not.
  static Disk after_cut(const std::vector<Entry>& log, std::size_t cut, Rng& rng) {
    std::map<std::string, std::size_t> synced;
    for (std::size_t i = 0; i < cut; ++i)
      if (log[i].kind == Entry::sync || log[i].kind == Entry::remove) synced[log[i].file] = i;
    Disk disk;
    for (std::size_t i = 0; i < cut; ++i) {
      const Entry& entry = log[i];
      const auto last = synced.find(entry.file);
      if (last != synced.end() && i <= last->second) {
        disk.apply(entry, entry.bytes.size());
        continue;
      }
      const auto fate = rng.below(3);
      if (fate == 0) disk.apply(entry, entry.bytes.size());
      if (fate == 1 && entry.kind == Entry::write) {
        const std::size_t sectors = (entry.bytes.size() + sector - 1) / sector;
        disk.apply(entry, std::min(entry.bytes.size(), sector * rng.below(sectors + 1)));
      }
    }
    return disk;
  }

  void write_to(const fs::path& folder) const {
    fs::create_directories(folder);
    for (const auto& [name, content] : files)
      if (!name.ends_with("-shm")) std::ofstream(folder / name, std::ios::binary) << content;
  }
};

struct Acknowledged {
  std::size_t position;  // in the log
  int number, step;
};

}  // namespace

TEST_CASE("power cuts: no acknowledged step is lost, and the file is whole") {
  const int cuts = campaign("VERNIER_CUTS", 60);
  const TempFolder folder;
  std::vector<Acknowledged> acknowledged;
  std::vector<Entry> log;
  {
    const Recorder recorder;
    Store store = Store::open(folder.db(), Mode::write);
    const StudyId id = store.create_study(small_study());
    for (int number = 1; number <= 40; ++number) {
      store.add_trial(id, small_trial(number));
      store.set_running(id, number, "cpu0", "cpu");
      for (int step = 1; step <= 12; ++step) {
        store.add_step(id, number, small_step(number, step), 0.5);
        acknowledged.push_back({Recorder::log().size(), number, step});
        if (step % 5 == 0)
          store.save_checkpoint(
              id, number, {step, "cpu", "resume", std::vector<std::byte>(60'000, std::byte(step))});
      }
      TrialEnd end;
      end.value = 0.5;
      store.finish_trial(id, number, end);
    }
    log = Recorder::log();
  }
  const std::uint64_t seed = 555;
  MESSAGE("seed " << seed);
  Rng rng(RngKey{seed});
  int lost = 0, damaged = 0;
  std::size_t checked = 0;
  for (int round = 0; round < cuts; ++round) {
    const std::size_t cut =
        acknowledged.front().position + rng.below(log.size() - acknowledged.front().position);
    const fs::path place = folder.path() / "cut";
    fs::remove_all(place);
    Disk::after_cut(log, cut, rng).write_to(place);
    CAPTURE(round);
    CAPTURE(cut);
    const fs::path db = place / folder.db().filename();
    Store store = Store::open(db, Mode::write);
    const auto study = store.find_study("mnist");
    REQUIRE(study);
    for (const Acknowledged& each : acknowledged) {
      if (each.position > cut) break;
      ++checked;
      const auto curve = store.curve(study->id, each.number);
      const bool there = static_cast<int>(curve.size()) >= each.step &&
                         curve[static_cast<std::size_t>(each.step - 1)].results ==
                             small_step(each.number, each.step).results;
      lost += !there;
    }
    damaged += !verify(db).findings.empty();
  }
  MESSAGE("fault: power cuts (simulated) | "
          << cuts << " cuts | " << checked << " steps checked, lost " << lost << ", damaged files "
          << damaged);
  CHECK(lost == 0);
  CHECK(damaged == 0);
}

}  // namespace vernier::store::test
