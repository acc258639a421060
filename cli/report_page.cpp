#include "cli/report_page.h"

#include <fmt/ostream.h>

#include <ostream>
#include <span>

#include "core/file.h"
#include "core/text.h"
#include "reports/report.h"

namespace vernier::cli {

void write_page(const Invocation& invocation, const std::string& html,
                const std::filesystem::path& file) {
  write_file_durably(file, std::as_bytes(std::span(html)));
  fmt::print(invocation.out, "{}\n", file.string());
  fmt::print(invocation.err, "{}; open it in a browser, it needs no network\n",
             format_bytes(static_cast<double>(html.size())));
}

void write_report_page(const Invocation& invocation, const std::filesystem::path& db,
                       const ReportPage& page, const std::filesystem::path& file) {
  write_page(
      invocation,
      reports::html_report(db, {.studies = page.studies, .title = page.title, .trial = page.trial}),
      file);
}

}  // namespace vernier::cli
