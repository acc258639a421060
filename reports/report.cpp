#include "reports/report.h"

#include <algorithm>

#include "core/clock.h"
#include "core/error.h"
#include "core/text.h"
#include "reports/analysis/study_data.h"
#include "reports/html/page.h"
#include "reports/html/payload.h"

namespace vernier::reports {

namespace {

std::string title_of(const std::vector<std::string>& studies) {
  if (studies.size() <= 4) return join(studies, ", ");
  return fmt::format("{}, {} and {} more", studies[0], studies[1], studies.size() - 2);
}

}  // namespace

std::string html_report(const std::filesystem::path& db, const ReportOptions& options) {
  if (options.studies.empty()) {
    fail<UsageError>("[report] no study named; expected one or several");
  }
  const auto store = store::Store::open(db, store::Mode::read);
  std::vector<StudyData> studies;
  for (const auto& name : options.studies) studies.push_back(load_study(store, name));

  PayloadOptions payload;
  if (options.trial > 0) {
    StudyData& study = studies.front();
    if (std::none_of(study.trials.begin(), study.trials.end(),
                     [&](const auto& trial) { return trial.number == options.trial; })) {
      store.trial(study.study.id, options.trial);  // says which there are
      fail<UsageError>("[report] {}#{} repeats another trial; expected one of the search",
                       study.study.name, options.trial);
    }
    payload.trial = options.trial;
    payload.artifact_bytes = 16'000'000;
    study.artifacts[options.trial] = store.artifacts(study.study.id, options.trial);
  } else {
    payload.artifact_bytes = 256'000;
    for (StudyData& study : studies) add_best_artifacts(store, study);
    payload.artifacts = [&](const StudyData& study, int number) {
      return store.artifacts(study.study.id, number);
    };
  }
  payload.title = !options.title.empty() ? options.title
                  : options.trial > 0 ? fmt::format("{}#{}", options.studies.front(), options.trial)
                                      : title_of(options.studies);
  payload.db = db.string();
  payload.created = SystemClock().wall();
  return fill_page(page_template(), payload.title, pack(make_payload(studies, payload)));
}

}  // namespace vernier::reports
