// The first byte chooses: w a sweep file, c a CSV file, o (a thing of Optuna's) and m (another database) bytes over a whole one; O: read alone.
#include "experiments/imports/imports.h"

#include <fstream>

#include "core/error.h"
#include "core/file.h"
#include "store/imports/merge.h"
#include "store/imports/optuna.h"
#include "store/verify.h"
#include "tests/fuzz/overlay.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/targets.h"

namespace vernier::fuzz {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& file, const std::string& bytes) {
  for (const char* ending : {"-wal", "-shm", "-journal", ".lock"})
    fs::remove(file.string() + ending);
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

std::string whole(const char* name) {
  return read_text(fs::path(VERNIER_SOURCE_DIR) / "tests/fuzz/corpus" / name);
}

/// What an import leaves passes every check that a database of our own passes.
template <class Body>
void into(const fs::path& db, const Body& body) {
  for (const char* ending : {"", "-wal", "-shm", ".lock"}) fs::remove(db.string() + ending);
  fs::remove_all(db.string() + ".d");
  try {
    body();
  } catch (const Error&) {
  }
  if (fs::exists(db) && !store::verify(db).findings.empty()) __builtin_trap();
}

}  // namespace

void imports(const std::uint8_t* data, std::size_t size) {
  static const Scratch scratch;
  static const fs::path file = scratch / "input", study = scratch / "study.yaml",
                        db = scratch / "into.db";
  static const std::string optuna = whole("optuna.db"), ours = whole("small.db");
  static const bool declared = [] {
    write(study,
          "study: declared\nobjective: {command: [a]}\nmetric: {name: loss, goal: minimize}\n"
          "parameters: {x: {min: 0.0, max: 1.0}, k: {values: [a, b]}}\n");
    return true;
  }();
  (void)declared;
  if (size == 0) return;
  const char kind = static_cast<char>(*data);
  ++data;
  --size;
  experiments::ImportOptions options;
  options.db = db;
  const std::string text(reinterpret_cast<const char*>(data), size);
  switch (kind) {
    case 'c':
      write(file, text);
      options.file = study;
      return into(db, [&] { (void)experiments::import_csv(file, options); });
    case 'o':
      write(file, overlaid(optuna, data, size));
      return into(db, [&] { (void)experiments::import_optuna(file, options); });
    case 'O':
      write(file, overlaid(optuna, data, size));
      try {
        (void)store::read_optuna(file);
      } catch (const Error&) {
      }
      return;
    case 'm':
      write(file, overlaid(ours, data, size));
      return into(db, [&] { (void)store::merge(file, db, {}); });
    default:
      write(file, text);
      try {
        const std::string yaml = experiments::import_wandb(file, options).yaml;
        write(study.string() + ".2", yaml);
        (void)experiments::load_spec(study.string() + ".2");  // what is printed is a study file
      } catch (const Error&) {
      }
  }
}

}  // namespace vernier::fuzz
