#include "experiments/library/shared_store.h"

#include <unistd.h>

#include <map>
#include <memory>

#include "core/error.h"
#include "store/answering_socket.h"

namespace vernier::experiments {

struct SharedStore::Slot {
  store::Store store;
  std::mutex mutex;
  pid_t process = getpid();
  int users = 0;
  std::map<store::StudyId, Editor> editors;
  std::unique_ptr<store::AnsweringSocket> socket;  // the last member: its thread uses the others

  explicit Slot(const std::filesystem::path& file)
      : store(store::Store::open(file, store::Mode::write)) {
    try {
      socket = std::make_unique<store::AnsweringSocket>(
          file, [this](const Json& request) { return answer(request); });
    } catch (const StoreError&) {
      // A file system without sockets: edits are refused while the file is open, and nothing else is amiss.
    }
  }

  Json answer(const Json& request) {
    const std::lock_guard guard(mutex);
    const store::Edit edit = store::read_edit(store, request);
    const auto editor = editors.find(edit.study);
    if (edit.kind == store::Edit::Kind::stop && editor == editors.end())
      fail<UsageError>("[stop] study '{}' is not open in the process that writes {}",
                       edit.study_name, store.file().string());
    store::write_edit(store, edit);
    if (editor != editors.end()) editor->second(edit);
    return {{"ok", true}};
  }
};

namespace {

struct Table {
  std::mutex mutex;
  std::map<std::filesystem::path, std::unique_ptr<SharedStore::Slot>> slots;
};

Table& table() {
  static Table* const open = new Table;  // never destroyed: a study may be a static object
  return *open;
}

}  // namespace

SharedStore::SharedStore(const std::filesystem::path& file)
    : file_(std::filesystem::weakly_canonical(std::filesystem::absolute(file))) {
  const std::lock_guard guard(table().mutex);
  auto& slot = table().slots[file_];
  try {
    if (!slot) slot = std::make_unique<Slot>(file_);
  } catch (...) {
    table().slots.erase(file_);
    throw;
  }
  slot_ = slot.get();
  ++slot_->users;
}

SharedStore::~SharedStore() {
  const std::lock_guard guard(table().mutex);
  if (--slot_->users == 0 && slot_->process == getpid()) table().slots.erase(file_);
}

std::unique_lock<std::mutex> SharedStore::lock() const {
  if (slot_->process != getpid())
    fail<Error>(
        "[{}] was opened by process {}; a child made by fork() cannot use it, expected the child "
        "to open it after the parent has closed it",
        file_.string(), slot_->process);
  return std::unique_lock(slot_->mutex);
}

store::Store& SharedStore::store() const { return slot_->store; }

void SharedStore::set_editor(store::StudyId study, Editor editor) const {
  if (editor) {
    slot_->editors[study] = std::move(editor);
  } else {
    slot_->editors.erase(study);
  }
}

}  // namespace vernier::experiments
