#include <fstream>
#include <span>

#include "core/error.h"
#include "core/file.h"
#include "core/hash.h"
#include "store/query/query.h"
#include "store/store.h"
#include "store/verify.h"
#include "tests/fuzz/overlay.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/targets.h"

namespace vernier::fuzz {
namespace {

namespace fs = std::filesystem;

/// The header of a database with a rollback journal: its readers need neither a log nor shared memory, and are several times as fast.
std::string without_log(std::string file) {
  file[18] = file[19] = 1;
  return file;
}

void write(const fs::path& file, const std::string& bytes) {
  for (const char* ending : {"-wal", "-shm", "-journal", ".lock"})
    fs::remove(file.string() + ending);
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

template <class Body>
void attempt(const Body& body) {
  try {
    body();
  } catch (const Error&) {
  }
}

}  // namespace

void database(const std::uint8_t* data, std::size_t size) {
  static const std::string whole =
      read_text(fs::path(VERNIER_SOURCE_DIR) / "tests/fuzz/corpus/small.db");
  static const std::string plain = without_log(whole);
  static const Scratch scratch;
  static const fs::path file = scratch / "database.db", saved = scratch / "saved.db";
  // One reader an input, which its bytes choose: a finding is found again from its file alone.
  const std::uint32_t choice = crc32c(std::as_bytes(std::span(data, size)));
  const bool logged = choice / 4 % 16 == 0;
  write(file, overlaid(logged ? whole : plain, data, size));
  switch (choice % 4) {
    case 0:
      attempt([] { (void)store::verify(file); });
      break;
    case 1:
      attempt([] {
        const store::Store store = store::Store::open(file, store::Mode::read);
        for (const auto& study : store.studies()) {
          (void)store.events(study.id);
          (void)store.rungs(study.id);
          for (const auto& trial : store.trials(study.id))
            (void)store.curve(study.id, trial.number);
        }
      });
      break;
    case 2:
      attempt([] { (void)store::query(file, "val_acc > 0.5 order by value desc", {}); });
      attempt([] { (void)store::query(file, "group by depth: mean(val_acc), max(state)", {}); });
      break;
    default:
      attempt([] { (void)store::query(file, "SELECT count(*), sum(value) FROM curves", {}); });
  }
  if (choice / 64 % 64 != 0) return;
  attempt([] {
    fs::remove(saved);
    fs::remove_all(saved.string() + ".d");
    (void)store::recover(file, saved);
  });
  attempt([] {
    store::Store::open(file, store::Mode::write).add_event(1, {1.0, {}, "note", "x"});
  });
}

}  // namespace vernier::fuzz
