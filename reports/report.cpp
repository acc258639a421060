#include "reports/report.h"

#include "core/clock.h"
#include "core/error.h"
#include "core/text.h"
#include "reports/analysis/study_data.h"
#include "reports/html/page.h"
#include "reports/html/payload.h"

namespace vernier::reports {

std::string html_report(const std::filesystem::path& db, const ReportOptions& options) {
  if (options.studies.empty()) {
    fail<UsageError>("[report] no study named; expected one or several");
  }
  const auto store = store::Store::open(db, store::Mode::read);
  std::vector<StudyData> studies;
  for (const auto& name : options.studies) studies.push_back(load_study(store, name));

  PayloadOptions payload;
  payload.title = options.title.empty() ? join(options.studies, ", ") : options.title;
  payload.db = db.string();
  payload.created = SystemClock().wall();
  return fill_page(page_template(), payload.title, pack(make_payload(studies, payload)));
}

}  // namespace vernier::reports
