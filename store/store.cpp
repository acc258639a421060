#include "store/store.h"

#include <random>

#include "core/clock.h"
#include "core/error.h"
#include "core/text.h"
#include "store/impl.h"
#include "store/open.h"

namespace vernier::store {

std::string params_table(StudyId study) { return fmt::format("params_{}", study); }
std::string metrics_table(StudyId study) { return fmt::format("metrics_{}", study); }

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

const std::filesystem::path& Store::file() const { return impl_->file; }

Store Store::open(const std::filesystem::path& file, Mode mode, Options options) {
  inspect(file, mode == Mode::write && options.create, options.force_network_fs);
  auto impl = std::make_unique<Impl>();
  impl->file = file;
  impl->mode = mode;
  impl->options = options;
  if (mode == Mode::write) impl->lock.emplace(file);
  impl->connect();
  if (mode == Mode::write) {
    impl->take_over();
    impl->remove_orphans();
  }
  return Store(std::move(impl));
}

void Store::Impl::connect() {
  db = mode == Mode::read ? connect_reader(file, options.busy_ms)
                          : connect_writer(file, options.create, options.busy_ms);
}

void Store::Impl::reconnect() noexcept {
  try {
    auto fresh = connect_writer(file, false, options.busy_ms);
    db = std::move(fresh);
  } catch (const std::exception&) {  // the old one has rolled back and still reads
  }
}

/// Whoever wrote before has lost the file: the lock decides, and where its file was removed under its holder, this does.
void Store::Impl::take_over() {
  owner = lease_owner();
  token = fmt::format("{} {:016x}", owner,
                      std::random_device{}() * 0x100000001ull ^ std::random_device{}());
  db->run("INSERT OR REPLACE INTO meta VALUES ('writer', ?)", token);
}

void Store::Impl::check_token() const {
  auto row = db->query("SELECT value FROM meta WHERE key = 'writer'");
  if (row.next() && row.text(0) == token) return;
  fail<StoreError>(
      "[{}] another process has taken over writing; nothing of this change was kept (was {} "
      "removed?)",
      file.string(), lock_path(file).string());
}

Store::Commits Store::commits() const { return impl_->commits; }

void Store::transaction(const std::function<void()>& body) { impl_->write(body, true); }

void Store::Impl::write(const std::function<void()>& body, bool alone) {
  if (mode == Mode::read)
    fail<StoreError>("[{}] opened for reading; nothing can be written", file.string());
  // After a full disk SQLite may have ended the transaction by itself: the rest must not go on without it.
  const auto usable = [this] { return !spoiled && db->in_transaction(); };
  const bool savepoint = alone && depth > 0;
  if (depth == 0) {
    db->run("BEGIN IMMEDIATE");
    spoiled = false;
  } else if (!usable()) {
    fail<StoreError>("[{}] the transaction has failed before", file.string());
  }
  if (savepoint) db->run("SAVEPOINT nested");
  const std::size_t dropped_before = dropped.size();
  const std::int64_t writes_before = db->writes();
  ++depth;
  try {
    if (depth == 1) check_token();
    body();
  } catch (...) {
    --depth;
    dropped.resize(dropped_before);
    metric_cache.clear();
    if (depth == 0) {
      db->roll_back();
    } else if (!savepoint) {
      spoiled = spoiled || db->writes() != writes_before;
    } else if (db->in_transaction()) {
      db->run("ROLLBACK TO nested");
      db->run("RELEASE nested");
      spoiled = false;
    }
    throw;
  }
  --depth;
  if (!usable()) {
    if (depth == 0) db->roll_back();
    metric_cache.clear();
    dropped.clear();
    fail<StoreError>("[{}] the transaction has failed before; nothing of it was kept",
                     file.string());
  }
  if (savepoint) db->run("RELEASE nested");
  if (depth > 0) return;
  const SystemClock clock;
  const double begin = clock.monotonic();
  try {
    db->run("COMMIT");
  } catch (const StoreError&) {
    // What is on the disk now is unknown: it is read again, through a new connection.
    db->roll_back();
    metric_cache.clear();
    dropped.clear();
    reconnect();
    throw;
  }
  commits.seconds += clock.monotonic() - begin;
  remove_dropped();
  if (++commits.count % 64 == 0) limit_wal();
}

void Store::Impl::limit_wal() {
  std::filesystem::path wal = file;
  wal += "-wal";
  std::error_code error;
  const auto size = std::filesystem::file_size(wal, error);
  if (error || size < (32u << 20)) return;
  try {
    // Readers that overlap keep the log from starting over: wait for them once in a while.
    db->run("PRAGMA busy_timeout = 1000");
    db->run("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (const StoreError&) {  // the commit itself is done; the next one tries again
  }
  db->run(fmt::format("PRAGMA busy_timeout = {}", options.busy_ms));
}

std::string Store::Impl::place(StudyId study, int number) const {
  std::string name = std::to_string(study);
  try {
    auto row = db->query("SELECT name FROM study WHERE id = ?", study);
    if (row.next()) name = row.text(0);
  } catch (const StoreError&) {  // the damage may have taken the name too
  }
  return fmt::format("[{}] trial {}#{}", file.string(), printable(name), number);
}

void Store::Impl::damaged(StudyId study, int number, std::string_view what) const {
  fail<StoreError>("{} is damaged: {}", place(study, number), what);
}

}  // namespace vernier::store
