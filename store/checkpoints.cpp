// Blobs: small ones in their row, larger ones in FILE.d/ab/HASH.ckpt, shared by content.
#include <algorithm>
#include <filesystem>
#include <set>

#include "core/error.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/text.h"
#include "store/impl.h"

namespace vernier::store {

namespace fs = std::filesystem;

fs::path Store::Impl::blob_path(const std::string& hash) const {
  // The hash may come from a damaged row: it must not lead out of the folder.
  const bool plain =
      hash.size() == 32 && hash.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!plain) db->damaged(fmt::format("'{}' is no content hash", printable(hash)));
  fs::path folder = file;
  folder += ".d";
  return folder / hash.substr(0, 2) / (hash + ".ckpt");
}

void Store::Impl::put_blob(std::span<const std::byte> bytes, const std::string& hash) const {
  if (bytes.size() <= inline_bytes) return;
  const auto path = blob_path(hash);
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error)
    fail<StoreError>("[{}] cannot make {}: {}", file.string(), path.parent_path().string(),
                     error.message());
  // The same content may be there: only a whole file counts, and a damaged one is replaced.
  if (fs::file_size(path, error) == bytes.size() && !error && content_hash(read_file(path)) == hash)
    return;
  write_file_durably(path, bytes);
}

std::vector<std::byte> Store::Impl::get_blob(const sqlite::Cursor& row, int blob,
                                             const std::string& hash, std::int64_t size,
                                             std::uint32_t crc, const std::string& what) const {
  std::vector<std::byte> bytes;
  if (!row.is_null(blob)) {
    const auto view = row.blob(blob);
    bytes.assign(view.begin(), view.end());
  } else {
    const auto path = blob_path(hash);
    try {
      bytes = read_file(path);
    } catch (const Error& error) {
      fail<StoreError>("{}: its file is missing: {}", what, error.what());
    }
  }
  if (static_cast<std::int64_t>(bytes.size()) != size || crc32c(bytes) != crc ||
      content_hash(bytes) != hash) {
    fail<StoreError>("{} is damaged: {} bytes of {}, or their checksum differs", what, bytes.size(),
                     size);
  }
  return bytes;
}

void Store::save_checkpoint(StudyId study, int number, const CheckpointRecord& checkpoint) {
  Impl& impl = *impl_;
  const std::string hash = content_hash(checkpoint.bytes);
  impl.write([&] {
    impl.need_state(study, number);
    drop_checkpoint(study, number, checkpoint.role);
    impl.put_blob(checkpoint.bytes, hash);
    const auto size = static_cast<std::int64_t>(checkpoint.bytes.size());
    std::optional<std::span<const std::byte>> blob;
    if (checkpoint.bytes.size() <= inline_bytes) blob = checkpoint.bytes;
    impl.db->run("INSERT INTO checkpoint VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", study, number,
                 checkpoint.role, checkpoint.step, checkpoint.device_kind, hash, size,
                 crc32c(checkpoint.bytes), blob);
  });
}

std::optional<CheckpointRecord> Store::load_checkpoint(StudyId study, int number,
                                                       const std::string& role) const {
  const ReadScope scope(*impl_->db);
  auto row = impl_->db->query(
      "SELECT step, device_kind, hash, bytes, crc, blob FROM checkpoint WHERE study = ? AND number "
      "= ? AND role = ?",
      study, number, role);
  if (!row.next()) {
    impl_->need_state(study, number);
    return std::nullopt;
  }
  CheckpointRecord checkpoint;
  checkpoint.step = static_cast<int>(row.integer(0));
  checkpoint.device_kind = row.text(1);
  checkpoint.role = role;
  checkpoint.bytes = impl_->get_blob(
      row, 5, row.text(2), row.integer(3), static_cast<std::uint32_t>(row.integer(4)),
      fmt::format("{}: its checkpoint '{}'", impl_->place(study, number), printable(role)));
  return checkpoint;
}

void Store::drop_checkpoint(StudyId study, int number, const std::string& role) {
  Impl& impl = *impl_;
  impl.write([&] {
    auto row = impl.db->query(
        "SELECT hash FROM checkpoint WHERE study = ? AND number = ? AND role = ? AND blob IS NULL",
        study, number, role);
    if (row.next()) impl.dropped.push_back(row.text(0));
    impl.db->run("DELETE FROM checkpoint WHERE study = ? AND number = ? AND role = ?", study,
                 number, role);
  });
}

void Store::add_artifact(StudyId study, int number, const Artifact& artifact) {
  Impl& impl = *impl_;
  const auto bytes = std::as_bytes(std::span(artifact.blob));
  const std::string hash = content_hash(bytes);
  impl.write([&] {
    impl.need_trial(study, number);
    impl.put_blob(bytes, hash);
    {
      auto row = impl.db->query(
          "SELECT hash FROM artifact WHERE study = ? AND number = ? AND step = ? AND name = ? AND "
          "blob IS NULL",
          study, number, artifact.step, artifact.name);
      if (row.next()) impl.dropped.push_back(row.text(0));
    }
    std::optional<std::span<const std::byte>> blob;
    if (bytes.size() <= inline_bytes) blob = bytes;
    impl.db->run(
        "INSERT OR REPLACE INTO artifact (study, number, step, name, kind, hash, bytes, crc, blob) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        study, number, artifact.step, artifact.name, artifact.kind, hash,
        static_cast<std::int64_t>(bytes.size()), crc32c(bytes), blob);
  });
}

void Store::Impl::drop_artifacts(StudyId study, int number) {
  auto row = db->query(
      "SELECT hash FROM artifact WHERE study = ? AND number = ? AND kind <> 'log' AND blob IS NULL",
      study, number);
  while (row.next()) dropped.push_back(row.text(0));
  db->run("DELETE FROM artifact WHERE study = ? AND number = ? AND kind <> 'log'", study, number);
}

std::vector<Artifact> Store::artifacts(StudyId study, int number) const {
  const ReadScope scope(*impl_->db);
  impl_->need_trial(study, number);
  std::vector<Artifact> all;
  auto row = impl_->db->query(
      "SELECT step, name, kind, hash, bytes, crc, blob FROM artifact WHERE study = ? AND number = "
      "? ORDER BY step, id",
      study, number);
  while (row.next()) {
    const auto bytes = impl_->get_blob(
        row, 6, row.text(3), row.integer(4), static_cast<std::uint32_t>(row.integer(5)),
        fmt::format("{}: its artifact '{}'", impl_->place(study, number), printable(row.text(1))));
    all.push_back({static_cast<int>(row.integer(0)), row.text(1), row.text(2),
                   std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())});
  }
  return all;
}

void Store::Impl::remove_dropped() noexcept {
  for (const std::string& hash : std::exchange(dropped, {})) {
    try {
      auto row = db->query(
          "SELECT EXISTS(SELECT 1 FROM checkpoint WHERE hash = ?1 AND blob IS NULL) "
          "OR EXISTS(SELECT 1 FROM artifact WHERE hash = ?1 AND blob IS NULL)",
          hash);
      if (!row.next() || row.integer(0) != 0) continue;
      std::error_code error;
      fs::remove(blob_path(hash), error);
    } catch (const std::exception&) {  // a file too many is found again at the next opening
    }
  }
}

void Store::Impl::remove_orphans() noexcept {
  try {
    fs::path folder = file;
    folder += ".d";
    if (!fs::is_directory(folder)) return;
    for (const auto& part : fs::directory_iterator(folder)) {
      if (part.path().filename().string().size() != 2 || !part.is_directory()) continue;
      for (const auto& each : fs::directory_iterator(part.path())) {
        if (each.path().extension() == ".ckpt") dropped.push_back(each.path().stem().string());
      }
    }
    remove_dropped();
  } catch (const std::exception&) {
    dropped.clear();
  }
}

}  // namespace vernier::store
