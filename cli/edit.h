// Notes, tags and stops: written here where nobody holds the database, else sent to the writer that does.
#pragma once
#include <filesystem>
#include <string>

#include "cli/options.h"
#include "core/json.h"

namespace vernier::cli {

/// `request`: {"do": "note" | "tag" | "stop", "study", "number"?, ...}. True where it was delivered to a running writer.
/// Throws NotFoundError for unknown names, StoreError where the writer refuses.
bool edit(const std::filesystem::path& db, const Json& request);

/// The same; study and number are added. True where it was delivered to a running writer.
/// Throws NotFoundError for unknown names, StoreError where the writer refuses.
bool edit(const Options& options, const std::string& trial, Json request);

}  // namespace vernier::cli
