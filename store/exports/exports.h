// A study as other programs read it. One file a form, one line in exports.def.
#pragma once
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "store/store.h"

namespace vernier::store {

/// What a form cannot say of the study, each once, for the person who exports.
using ExportNotes = std::vector<std::string>;

struct ExportInfo {
  std::string name, summary;
  /// To a path that does not exist yet.
  void (*write)(const Store&, const StudyRecord&, const std::filesystem::path& to, ExportNotes&);
};
/// In the order of exports.def.
std::span<const ExportInfo> exports();

/// Writes the study to `to`, whole or not at all. Throws UsageError for an unknown form (with the nearest), and as write_new() does.
ExportNotes export_study(const Store& store, const StudyRecord& study, const std::string& form,
                         const std::filesystem::path& to, bool force);

/// `body` writes a path beside `to`, a file or a folder, which then takes its place; nothing is left where it throws. Throws UsageError where `to`
/// exists, unless `force`: then a file is replaced, and a folder that holds event files of TensorBoard alone.
void write_new(const std::filesystem::path& to, bool force,
               const std::function<void(const std::filesystem::path&)>& body);

}  // namespace vernier::store
