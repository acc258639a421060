#include "store/exports/exports.h"

#include <fcntl.h>
#include <unistd.h>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"

namespace vernier::store {

namespace fs = std::filesystem;

#define VERNIER_EXPORT(file, name, summary, function) \
  void function(const Store&, const StudyRecord&, const fs::path&, ExportNotes&);
#include "store/exports/exports.def"
#undef VERNIER_EXPORT

std::span<const ExportInfo> exports() {
  static const std::vector<ExportInfo> table{
#define VERNIER_EXPORT(file, name, summary, function) {name, summary, function},
#include "store/exports/exports.def"
#undef VERNIER_EXPORT
  };
  return table;
}

namespace {

/// May be removed with all that is in it: nothing but what this program writes there.
bool holds_events_alone(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_directory() && !entry.is_symlink()) continue;
    if (!entry.path().filename().string().starts_with("events.out.tfevents.")) return false;
  }
  return true;
}

void check_target(const fs::path& to, bool force) {
  if (to.filename().empty() || to.filename() == "." || to.filename() == "..")
    fail<UsageError>("[{}] is no name; expected that of a new file or folder", to.string());
  const fs::path folder = fs::absolute(to).parent_path();
  if (!fs::is_directory(folder))
    fail<UsageError>("[{}] no such folder: {}", to.string(), folder.string());
  const fs::file_status status = fs::symlink_status(to);
  if (!fs::exists(status)) return;
  if (!force)
    fail<UsageError>("[{}] is there already; expected a new name, or --force", to.string());
  if (fs::is_regular_file(status)) return;
  if (!fs::is_directory(status) || !holds_events_alone(to))
    fail<UsageError>(
        "[{}] is neither a file nor a folder of event files alone, and is not replaced; expected a "
        "new name",
        to.string());
}

void sync_folder(const fs::path& folder) {
  const Fd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd) fsync(fd.get());
}

}  // namespace

void write_new(const fs::path& to, bool force, const std::function<void(const fs::path&)>& body) {
  try {
    check_target(to, force);
    fs::path part = to;
    part += fmt::format(".part{}", getpid());
    fs::remove_all(part);
    try {
      body(part);
      if (fs::is_directory(to)) fs::remove_all(to);
      fs::rename(part, to);
    } catch (...) {
      std::error_code ignored;
      fs::remove_all(part, ignored);
      throw;
    }
    sync_folder(fs::absolute(to).parent_path());
  } catch (const fs::filesystem_error& error) {
    fail<StoreError>("[{}] cannot be written: {}", to.string(), error.code().message());
  }
}

ExportNotes export_study(const Store& store, const StudyRecord& study, const std::string& form,
                         const fs::path& to, bool force) {
  std::vector<std::string> names;
  for (const ExportInfo& info : exports()) names.push_back(info.name);
  for (const ExportInfo& info : exports()) {
    if (info.name != form) continue;
    ExportNotes notes;
    write_new(to, force, [&](const fs::path& part) { info.write(store, study, part, notes); });
    return notes;
  }
  fail<UsageError>("[export] unknown form '{}'{}", printable(form), hint(form, names));
}

}  // namespace vernier::store
