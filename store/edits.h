// What other processes ask a writer to change: {"do": "note" | "tag" | "stop", "study": NAME, "number": N?, ...}.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "store/store.h"

namespace vernier::store {

struct Edit {
  enum class Kind { note, tag, stop } kind = Kind::note;
  StudyId study = 0;
  std::string study_name;
  std::optional<int> number;             // none: the study itself
  std::string text;                      // note
  std::vector<std::string> add, remove;  // tag
};

/// Throws UsageError for what is no such request, NotFoundError for an unknown study or trial.
Edit read_edit(const Store& store, const Json& request);
/// A note or tags; a stop is its writer's own affair.
void write_edit(Store& store, const Edit& edit);

}  // namespace vernier::store
