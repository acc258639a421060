// Studies -> one self-contained HTML file that opens from disk with no network.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace vernier::reports {

struct ReportOptions {
  std::vector<std::string> studies;  // by name; one or several
  std::string title;                 // empty: by studies
  int trial = 0;                     // > 0: one page about this trial of the first study
};

/// The whole page. Throws NotFoundError for unknown studies and trials, StoreError for the file.
/// The best trial's artifacts are in the page of a study, up to 256 KB; all of a trial's in its own page, up to 16 MB.
std::string html_report(const std::filesystem::path& db, const ReportOptions& options);

}  // namespace vernier::reports
