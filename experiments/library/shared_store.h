// The one writer that this process may have on a database file, shared by all its studies.
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <mutex>

#include "store/edits.h"

namespace vernier::experiments {

/// One study's share; the last one closes the file. A process-wide table is behind it, because the lock on the file is the process's too.
class SharedStore {
 public:
  /// Opens the file, or joins the studies that have it open. Throws StoreError.
  explicit SharedStore(const std::filesystem::path& file);
  SharedStore(const SharedStore&) = delete;
  ~SharedStore();

  /// For everything that uses the store. Throws Error in a process made by fork(): the connection belongs to the parent.
  std::unique_lock<std::mutex> lock() const;
  store::Store& store() const;

  /// What `vernier note`, `tag`, `stop` and `serve --edit` of other processes ask for, over FILE.sock. Notes and tags of every study are
  /// written here, and its editor hears of them; stops are for the editor alone. It is called with the lock held. One a study; empty: no longer.
  using Editor = std::function<void(const store::Edit&)>;
  void set_editor(store::StudyId study, Editor editor) const;

  struct Slot;

 private:
  std::filesystem::path file_;
  Slot* slot_;
};

}  // namespace vernier::experiments
