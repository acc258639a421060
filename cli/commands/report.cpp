#include "reports/report.h"

#include <fmt/ostream.h>

#include <ostream>

#include "cli/output.h"
#include "core/file.h"
#include "core/text.h"

namespace vernier::cli {

int report(const Invocation& invocation) {
  Options options("report STUDY... [-o report.html] [options]",
                  "Writes one self-contained page about one study, or comparing several.");
  options.argument("STUDY", 1, -1)
      .database()
      .value("output,o", "FILE", "the page (default report.html)");
  options.value("title", "TEXT", "its title");
  if (!options.parse(invocation)) return 0;
  open_database(options);  // says what is wrong before any work
  const std::string html = reports::html_report(
      database_of(options), {.studies = options.list("STUDY"), .title = options.text("title", "")});
  const std::filesystem::path file = options.text("output", "report.html");
  write_file_durably(file, std::as_bytes(std::span(html)));
  fmt::print(invocation.out, "{}\n", file.string());
  fmt::print(invocation.err, "{}; open it in a browser, it needs no network\n",
             format_bytes(static_cast<double>(html.size())));
  return 0;
}

}  // namespace vernier::cli
