// Events, notes and tags.
#include "core/clock.h"
#include "core/error.h"
#include "core/text.h"
#include "store/impl.h"

namespace vernier::store {

void Store::add_event(StudyId study, const Event& event) {
  impl_->write([&] {
    impl_->need_study(study);
    const double wall = event.wall > 0 ? event.wall : SystemClock().wall();
    impl_->db->run("INSERT INTO event (study, wall, number, kind, text) VALUES (?, ?, ?, ?, ?)",
                   study, wall, event.number, event.kind, event.text);
  });
}

std::vector<Event> Store::events(StudyId study) const {
  const ReadScope scope(*impl_->db);
  impl_->need_study(study);
  std::vector<Event> all;
  auto row = impl_->db->query(
      "SELECT wall, number, kind, text FROM event WHERE study = ? ORDER BY id", study);
  while (row.next()) all.push_back({row.real(0), row.maybe_int(1), row.text(2), row.text(3)});
  return all;
}

void Store::set_note(StudyId study, std::optional<int> number, const std::string& text) {
  impl_->write([&] {
    if (!number) {
      if (impl_->db->run("UPDATE study SET note = ? WHERE id = ?", text, study) == 0)
        impl_->need_study(study);
      return;
    }
    impl_->need_trial(study, *number);
    if (text.empty()) {
      impl_->db->run("DELETE FROM note WHERE study = ? AND number = ?", study, *number);
    } else {
      impl_->db->run("INSERT OR REPLACE INTO note VALUES (?, ?, ?)", study, *number, text);
    }
  });
}

void Store::set_tags(StudyId study, std::optional<int> number, std::span<const std::string> add,
                     std::span<const std::string> remove) {
  impl_->write([&] {
    if (number) {
      impl_->need_trial(study, *number);
    } else {
      impl_->need_study(study);
    }
    const int key = number.value_or(-1);
    for (const std::string& tag : add) {
      if (tag.empty() || tag.find_first_of(" \t\n\r") != std::string::npos) {
        fail<StoreError>("[{}] '{}' is no tag; expected a word without blanks",
                         impl_->file.string(), printable(tag));
      }
    }
    for (const std::string& tag : add)
      impl_->db->run("INSERT OR IGNORE INTO tag VALUES (?, ?, ?)", study, key, tag);
    for (const std::string& tag : remove) {
      impl_->db->run("DELETE FROM tag WHERE study = ? AND number = ? AND tag = ?", study, key, tag);
    }
  });
}

}  // namespace vernier::store
