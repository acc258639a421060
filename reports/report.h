// Studies -> one self-contained HTML file that opens from disk with no network.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace vernier::reports {

struct ReportOptions {
  std::vector<std::string> studies;  // by name; one or several
  std::string title;                 // empty: by studies
};

/// The whole page. Throws NotFoundError for unknown studies, StoreError for the file.
std::string html_report(const std::filesystem::path& db, const ReportOptions& options);

}  // namespace vernier::reports
