#include "reports/live/follower.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/clock.h"
#include "core/error.h"
#include "reports/analysis/study_data.h"
#include "reports/html/artifacts.h"
#include "reports/html/payload.h"

namespace vernier::reports::live {

namespace {
constexpr std::size_t kMostStudies = 20;
constexpr std::size_t kArtifactBytes = 16'000'000;
}  // namespace

struct Follower::Impl {
  FollowerOptions options;
  SystemClock clock;
  store::Store store;  // of the thread alone, after the first reading
  std::vector<StudyData> studies;
  std::int64_t version = -1;

  std::mutex mutex;  // guards what follows
  std::condition_variable wake;
  Snapshot snapshot;
  double asked = 0;
  bool stopping = false;
  std::thread thread;
  std::string trouble;

  explicit Impl(FollowerOptions o)
      : options(std::move(o)), store(store::Store::open(options.db, store::Mode::read)) {}

  std::vector<std::string> names() const {
    if (!options.studies.empty()) return options.studies;
    auto all = store.studies();
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.created > b.created; });
    if (all.size() > kMostStudies) all.resize(kMostStudies);
    std::vector<std::string> result;
    for (const auto& study : all) result.push_back(study.name);
    return result;
  }

  void read() {
    const auto seen = store.data_version();
    std::vector<StudyData> now;
    for (const auto& name : names()) {
      const auto before = std::find_if(studies.begin(), studies.end(),
                                       [&](const StudyData& s) { return s.study.name == name; });
      now.push_back(load_study(store, name, before == studies.end() ? nullptr : &*before));
    }
    studies = std::move(now);
    PayloadOptions payload;
    payload.title =
        options.studies.size() == 1 ? options.studies.front() : options.db.filename().string();
    payload.db = options.db.string();
    payload.created = clock.wall();
    const Bytes packed = pack(make_payload(studies, payload), true);
    auto data = std::make_shared<const std::string>(reinterpret_cast<const char*>(packed.data()),
                                                    packed.size());
    version = seen;
    const std::lock_guard lock(mutex);
    snapshot = {snapshot.seq + 1, std::move(data)};
    trouble.clear();
  }

  void follow() {
    // The search comes first.
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 10);
    double next = 0;
    for (;;) {
      {
        std::unique_lock lock(mutex);
        wake.wait_for(lock, std::chrono::milliseconds(250), [&] { return stopping; });
        if (stopping) return;
        if (clock.monotonic() < next || clock.monotonic() - asked > options.idle_after) continue;
      }
      const double begin = clock.monotonic();
      try {
        if (store.data_version() == version) continue;
        read();
      } catch (const std::exception& error) {
        complain(error.what());
      }
      const double end = clock.monotonic();
      next = end + std::max(options.least_pause, options.pause_factor * (end - begin));
    }
  }

  void complain(const std::string& text) {
    const std::lock_guard lock(mutex);
    if (text == trouble) return;
    trouble = text;
    if (options.complain) options.complain(text);
  }
};

Follower::Follower(FollowerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {
  impl_->read();
  impl_->thread = std::thread([impl = impl_.get()] { impl->follow(); });
}

Follower::~Follower() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  impl_->thread.join();
}

Snapshot Follower::now() {
  const std::lock_guard lock(impl_->mutex);
  impl_->asked = impl_->clock.monotonic();
  return impl_->snapshot;
}

Json Follower::artifacts(const std::string& study, int number) {
  const auto store = store::Store::open(impl_->options.db, store::Mode::read);
  if (!impl_->options.studies.empty() &&
      std::find(impl_->options.studies.begin(), impl_->options.studies.end(), study) ==
          impl_->options.studies.end())
    fail<NotFoundError>("[serve] study '{}' is not on this page", study);
  return artifacts_json(store.artifacts(store.study(study).id, number), kArtifactBytes);
}

void Follower::edit(const Json& request) {
  if (!impl_->options.edit) fail<Error>("[serve] nothing can be changed here");
  impl_->options.edit(request);
}

}  // namespace vernier::reports::live
