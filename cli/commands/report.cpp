#include "cli/output.h"
#include "cli/report_page.h"
#include "cli/trial_name.h"
#include "core/error.h"
#include "reports/claims_index.h"

namespace vernier::cli {

int report(const Invocation& invocation) {
  Options options("report STUDY... [-o report.html] [options]",
                  "Writes one self-contained page about one study, or comparing several; with "
                  "--trial about one trial; with --claims an index of what the studies claim.");
  options.argument("STUDY", 0, -1)
      .database()
      .value("output,o", "FILE", "the page (default report.html)");
  options.value("title", "TEXT", "its title");
  options.value("trial", "STUDY#N", "one trial with all that it left, in place of studies");
  options.flag("claims", "an index of claims: verdicts with small plots (no STUDY: all of them)");
  options.values("page", "STUDY=FILE.html", "with --claims: the page that shows the study");
  options.values("heading", "FILE.html=TEXT", "with --claims: what its claims stand under");
  if (!options.parse(invocation)) return 0;
  const store::Store store = open_database(options);  // says what is wrong before any work
  const std::string file = options.text("output", "report.html");
  if (options.has("claims")) {
    if (const auto trial = options.text("trial"))
      fail<UsageError>("[report] --trial {} stands beside --claims; expected one of them", *trial);
    write_page(invocation,
               reports::claims_index(database_of(options),
                                     {options.list("STUDY"), options.list("page"),
                                      options.text("title", ""), options.list("heading")}),
               file);
    return 0;
  }
  for (const char* name : {"page", "heading"})
    if (options.has(name))
      fail<UsageError>("[report] --{} {} needs --claims: only an index links to pages", name,
                       options.list(name).front());
  ReportPage page{options.list("STUDY"), options.text("title", ""), 0};
  if (const auto trial = options.text("trial")) {
    if (!page.studies.empty())
      fail<UsageError>("[report] --trial {} stands beside STUDY {}; expected one of them", *trial,
                       page.studies.front());
    const TrialName name = parse_trial_name(*trial);
    page.trial = find_trial(store, name).number;
    page.studies = {name.study};
  }
  if (page.studies.empty())
    fail<UsageError>("[report] no STUDY given; expected one or several, or --trial STUDY#N");
  write_report_page(invocation, database_of(options), page, file);
  return 0;
}

}  // namespace vernier::cli
