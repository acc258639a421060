#include "experiments/library/search.h"

#include <algorithm>
#include <climits>
#include <mutex>

#include "core/error.h"
#include "experiments/library/info.h"
#include "experiments/library/space_impl.h"
#include "experiments/study/parameters.h"

namespace vernier::detail {

using experiments::Settings;

namespace {

std::string text_of(const std::vector<search::Parameter>& parameters) {
  Json json = Json::array();
  for (const search::Parameter& parameter : parameters)
    json.push_back({parameter.name, experiments::parameter_json(parameter)});
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::shared_ptr<Search> Search::of(const StudyOptions& options) {
  static std::mutex mutex;
  static auto* const open = new std::map<std::string, std::weak_ptr<Search>>;
  const std::string key =
      std::filesystem::weakly_canonical(std::filesystem::absolute(options.database)).string() +
      "\n" + options.name;
  const std::lock_guard guard(mutex);
  if (const auto known = (*open)[key].lock()) {
    const auto lock = known->shared_->lock();
    known->accept(known->store().study(options.name), options);
    return known;
  }
  open->erase(key);
  auto search = std::make_shared<Search>(options);
  (*open)[key] = search;
  return search;
}

Search::Search(const StudyOptions& options) : file_(options.database) {
  // Refused before a database is made.
  if (!std::filesystem::exists(file_)) (void)experiments::new_settings(options);
  shared_ = std::make_unique<experiments::SharedStore>(file_);
  const auto lock = shared_->lock();
  open(options);
}

void Search::open(const StudyOptions& options) {
  if (const auto known = store().find_study(options.name)) {
    study_ = known->id;
    accept(*known, options);
  } else {
    settings_ = experiments::new_settings(options);
    study_ = store().create_study(experiments::study_row(settings_));
  }
  growing_ = experiments::GrowingSpace(settings_.parameters);
  store().transaction([&] {
    read();
    store().set_study(study_, "running",
                      std::max(settings_.trials, static_cast<int>(past_.trials.size())));
  });
  shared_->set_editor(study_, [this](const store::Edit& edit) { edited(edit); });
}

/// A study that is there: what options say of it is checked, its note and plan become theirs.
void Search::accept(const store::StudyRecord& known, const StudyOptions& options) {
  experiments::Settings now = experiments::stored_settings(known, options);
  if (settings_.name.empty()) {
    settings_ = std::move(now);
  } else {
    settings_.note = now.note;
    settings_.trials = now.trials;
  }
  const store::NewStudy row = experiments::study_row(settings_);
  if (row.spec != known.spec) store().amend_study(study_, row);
}

/// The trials of the database; what a dead process left running is interrupted.
void Search::read() {
  past_ = experiments::read_past(store(), study_, settings_.maximize(), settings_.space_since);
  for (const store::TrialRecord& record : past_.records) {
    if (record.state == store::State::running)
      store().set_state(study_, record.number, store::State::interrupted, "its process ended");
    if (record.state == store::State::waiting) enqueued_.push_back(record.number);
    if (record.state == store::State::paused) paused_.insert(record.number);
    if (record.state == store::State::running || record.state == store::State::interrupted)
      interrupted_.insert(record.number);
  }
  past_.records.clear();
}

Search::~Search() {
  try {
    const auto lock = shared_->lock();
    shared_->set_editor(study_, {});
    close();
  } catch (...) {
    // A full disk, or a child of fork(): the next process finds the study as one that died left it.
  }
}

void Search::close() {
  commit([&] {
    for (auto& [number, live] : live_)
      rest(number, live, store::State::interrupted, "its study was closed");
    write_space();
    const int trials = static_cast<int>(past_.trials.size());
    const bool over = interrupted_.empty() && live_.empty() && paused_.empty() && enqueued_.empty();
    store().set_study(study_, over ? "finished" : "interrupted",
                      std::max(settings_.trials, trials));
  });
}

/// The space that samplers see now: with the conditions that finished trials show.
std::vector<search::Parameter> Search::present_space() const {
  if (!settings_.by_run) return settings_.parameters;
  std::vector<const Config*> asked;
  for (const search::PastTrial& trial : past_.trials) {
    const bool whole = trial.outcome == search::Outcome::completed ||
                       trial.outcome == search::Outcome::stopped ||
                       trial.outcome == search::Outcome::diverged;
    if (whole) asked.push_back(&trial.config);
  }
  return growing_.with_conditions(asked);
}

/// One durable transaction. Should it fail, the space is written again with the next one.
void Search::commit(const std::function<void()>& body) {
  const bool changed = space_changed_;
  try {
    store().transaction(body);
  } catch (...) {
    space_changed_ = space_changed_ || changed;
    throw;
  }
}

/// The space as the database is to have it, where it has another one. Part of a commit.
void Search::write_space() {
  if (!settings_.by_run) return;
  auto parameters = present_space();
  const bool other = text_of(parameters) != text_of(settings_.parameters);
  if (!other && !space_changed_) return;
  if (other) {
    settings_.parameters = std::move(parameters);
    settings_.space_since = past_.last_number;
    // What was fitted in another space means nothing in this one.
    for (search::PastTrial& trial : past_.trials) trial.fit.clear();
  }
  store().amend_study(study_, experiments::study_row(settings_));
  space_changed_ = false;
}

/// What a trial is in the space of the strategy.
Config Search::in_space(const search::PastTrial& trial, const Live* live) const {
  if (!settings_.by_run) return trial.config;
  Config config = trial.config;
  if (live) {
    config = live->proposal;
    for (const auto& [name, value] : live->asked) config.set(name, value);
  }
  return experiments::completed(*space_, config, settings_.seed, trial.number);
}

search::Strategy& Search::strategy() {
  if (strategy_) return *strategy_;
  commit([&] { write_space(); });
  auto made =
      experiments::make_searcher(settings_, settings_.parameters, most_ > 0 ? most_ : INT_MAX);
  space_ = std::move(made.space);
  std::vector<search::PastTrial> trials = past_.trials;
  for (search::PastTrial& trial : trials) {
    const auto found = live_.find(past_.numbering.number(trial.number));
    Live* const live = found == live_.end() ? nullptr : &found->second;
    trial.config = in_space(trial, live);
    if (live) live->believed = trial.config;
  }
  made.strategy->replay(trials);
  for (auto& [number, live] : live_) live.decide_at = made.strategy->next_decision(live.id);
  strategy_ = std::move(made.strategy);
  return *strategy_;
}

std::vector<TrialInfo> Search::trials() {
  const auto lock = shared_->lock();
  std::vector<TrialInfo> all;
  for (const store::TrialRecord& record : store().trials(study_))
    if (record.kind == "search") all.push_back(info_of(store(), study_, record, true));
  return all;
}

TrialInfo Search::trial(int number) {
  const auto lock = shared_->lock();
  return info_of(store(), study_, store().trial(study_, number), true);
}

}  // namespace vernier::detail
