// The HTML page of some studies, written to a file: `report`, and `compare -o`.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "cli/options.h"

namespace vernier::cli {

struct ReportPage {
  std::vector<std::string> studies;
  std::string title;
  int trial = 0;  // > 0: the page of this trial of the first study
};

/// Writes a page; prints the file's name on `invocation.out`, its size on `invocation.err`. Throws StoreError.
void write_page(const Invocation& invocation, const std::string& html,
                const std::filesystem::path& file);

/// The same for the page of some studies. Throws NotFoundError too.
void write_report_page(const Invocation& invocation, const std::filesystem::path& db,
                       const ReportPage& page, const std::filesystem::path& file);

}  // namespace vernier::cli
