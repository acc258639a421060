// The index of claims: every claim of some studies with its verdict and a small plot, in one self-contained HTML file.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace vernier::reports {

struct ClaimsIndexOptions {
  std::vector<std::string> studies;  // by name, in order; none: studies_for_claims
  std::vector<std::string> pages;    // "STUDY=FILE.html": the file that shows it, beside the index
  std::string title;                 // empty: "Claims"
  std::vector<std::string> headings = {};  // "FILE.html=TEXT", of a page; else its file's name
};

/// The whole page; of the trials it holds what the plots show, nothing else. Studies that share a page are judged together, as on that page; those without
/// one are too. Throws NotFoundError for unknown studies, UsageError for pages of studies that are not here or named twice, for files that are no
/// relative path to an .html file, for headings of no page, empty or twice, and where no study claims anything; StoreError for the file.
std::string claims_index(const std::filesystem::path& db, const ClaimsIndexOptions& options);

}  // namespace vernier::reports
