#include <vernier/database.h>

#include <mutex>

#include "experiments/library/info.h"
#include "store/store.h"

namespace vernier {

struct Database::Impl {
  store::Store store;
  mutable std::mutex mutex;
};

namespace {

StudyInfo info_of(const store::StudyRecord& record) {
  StudyInfo info;
  info.name = record.name;
  info.note = record.note;
  info.sampler = record.sampler;
  info.strategy = record.strategy;
  info.state = record.state;
  info.planned = record.trials;
  info.created = record.created;
  for (const auto& [metric, maximize] : record.objectives)
    info.objectives.emplace_back(metric, maximize ? Direction::maximize : Direction::minimize);
  for (const store::ParamRecord& param : record.params) info.params.push_back(param.name);
  return info;
}

}  // namespace

Database::Database(const std::string& file)
    : impl_(new Impl{store::Store::open(file, store::Mode::read), {}}) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

std::vector<StudyInfo> Database::studies() const {
  const std::lock_guard guard(impl_->mutex);
  std::vector<StudyInfo> all;
  for (const store::StudyRecord& record : impl_->store.studies()) all.push_back(info_of(record));
  return all;
}

StudyInfo Database::study(const std::string& name) const {
  const std::lock_guard guard(impl_->mutex);
  return info_of(impl_->store.study(name));
}

std::vector<TrialInfo> Database::trials(const std::string& study) const {
  const std::lock_guard guard(impl_->mutex);
  const store::StudyRecord record = impl_->store.study(study);
  const bool attributes = detail::of_library(record);
  std::vector<TrialInfo> all;
  for (const store::TrialRecord& trial : impl_->store.trials(record.id))
    if (trial.kind == "search")
      all.push_back(detail::info_of(impl_->store, record.id, trial, attributes));
  return all;
}

std::vector<CurvePoint> Database::curve(const std::string& study, int number) const {
  const std::lock_guard guard(impl_->mutex);
  const store::StudyId id = impl_->store.study(study).id;
  (void)impl_->store.trial(id, number);
  std::vector<CurvePoint> points;
  for (const store::StepRow& row : impl_->store.curve(id, number))
    points.push_back({row.step, {row.results.begin(), row.results.end()}});
  return points;
}

}  // namespace vernier
