// The experiment database: one SQLite file (and FILE.d/ for blobs above 1 MB). One writer per file, by lock; any number of readers.
// Not thread-safe: one Store per thread. Every method throws StoreError naming the file.
#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/records.h"

namespace vernier::store {

enum class Mode { read, write };
struct VerifyReport;
struct RecoverReport;

class Store {
 public:
  struct Options {
    bool create = true;  // write: make the file where it is missing
    bool force_network_fs = false;
    int busy_ms = 5000;
  };
  /// Refuses by name: a directory, not a database, another program's, a newer version (with the version that made it), damaged,
  /// network file systems; write: a file held by another writer (host, pid, since when).
  static Store open(const std::filesystem::path& file, Mode mode, Options options);
  static Store open(const std::filesystem::path& file, Mode mode) { return open(file, mode, {}); }
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  const std::filesystem::path& file() const;

  /// Runs `body` in one durable transaction (BEGIN IMMEDIATE, FULL): all of it or nothing. Group commit: put what is waiting in one.
  /// Calls outside are a transaction each. When it returns, everything is on disk.
  void transaction(const std::function<void()>& body);

  /// What writing has cost since the file was opened.
  struct Commits {
    std::int64_t count = 0;
    double seconds = 0;  // in COMMIT alone: the disk's part
  };
  Commits commits() const;

  // studies
  StudyId create_study(const NewStudy& study);
  std::optional<StudyRecord> find_study(const std::string& name) const;
  StudyRecord study(const std::string& name) const;  // throws NotFoundError with the nearest name
  std::vector<StudyRecord> studies() const;
  void set_study(StudyId study, const std::string& state, int trials);
  /// Another study file for the same study: its text, spec, hash, note and the definitions of its parameters become those of `to`. Names, types and order
  /// of parameters, objectives, seed, sampler and strategy stay (else StoreError), new parameters may follow; trials are not touched.
  void amend_study(StudyId study, const NewStudy& to);
  void remove_study(StudyId study);

  // trials
  void add_trial(StudyId study, const NewTrial& trial);
  void set_running(StudyId study, int number, const std::string& device,
                   const std::string& device_kind, std::optional<double> origin = {});
  /// The settings of a trial that is not finished become these: of an objective that asks for them while it runs.
  void set_config(StudyId study, int number, const Config& config);
  /// Appends a step (hot row). A step already there must have equal results, else throws StoreError "not reproducible".
  void add_step(StudyId study, int number, const StepRow& row, std::optional<double> value_so_far);
  void add_rung(StudyId study, const RungRow& rung);
  /// paused, interrupted or waiting; not finished.
  void set_state(StudyId study, int number, State state, const std::string& reason = "");
  /// Seals the curves, writes params/metrics rows, CRC; deletes the resume checkpoint.
  void finish_trial(StudyId study, int number, const TrialEnd& end);
  /// A whole finished trial at once (imports, repeats): the same rows as step by step, without hot ones.
  void add_finished(StudyId study, const NewTrial& trial, const TrialRun& run,
                    std::span<const Series> curves, const TrialEnd& end);
  /// A trial that restarts from 0 on another kind of device, or a command that is not resumable.
  void discard_steps(StudyId study, int number, const std::string& why);

  TrialRecord trial(StudyId study, int number) const;           // throws NotFoundError
  std::vector<TrialRecord> trials(StudyId study) const;         // by number
  std::vector<StepRow> curve(StudyId study, int number) const;  // hot and sealed alike
  std::vector<RungRow> rungs(StudyId study) const;
  std::vector<std::string> metric_names(StudyId study) const;
  /// Of finished trials, by number: all objectives where the study has several; parameters, flops, bytes.
  std::map<int, std::vector<double>> objectives(StudyId study) const;
  std::map<int, NamedValues> facts(StudyId study) const;
  /// Another value after another connection has committed; two equal ones: nothing has changed between. This process alone.
  std::int64_t data_version() const;

  // checkpoints: file first (temporary, fsync, rename, fsync folder), then the row
  void save_checkpoint(StudyId study, int number, const CheckpointRecord& checkpoint);
  std::optional<CheckpointRecord> load_checkpoint(StudyId study, int number,
                                                  const std::string& role) const;
  void drop_checkpoint(StudyId study, int number, const std::string& role);

  // artifacts, events, notes, tags
  void add_artifact(StudyId study, int number, const Artifact& artifact);
  std::vector<Artifact> artifacts(StudyId study, int number) const;
  void add_event(StudyId study, const Event& event);
  std::vector<Event> events(StudyId study) const;
  void set_note(StudyId study, std::optional<int> number, const std::string& text);
  void set_tags(StudyId study, std::optional<int> number, std::span<const std::string> add,
                std::span<const std::string> remove);

 private:
  friend VerifyReport verify(const std::filesystem::path& file);
  friend RecoverReport recover(const std::filesystem::path& file, const std::filesystem::path& to);
  friend void backup(const std::filesystem::path& file, const std::filesystem::path& to);
  struct Impl;
  class Check;
  class Rescue;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// What a command that edits sends to the writer that holds the file, one JSON line over FILE.sock: {"do":"note",...}.
/// answers with the writer's reply; throws StoreError where nobody listens.
Json send_to_writer(const std::filesystem::path& file, const Json& request);

/// The writer's side: a thread that accepts lines on FILE.sock (mode 0600) and queues them for the scheduler.
class WriterSocket {
 public:
  using Handler =
      std::function<Json(const Json& request)>;  // called by poll(), on the caller's thread
  explicit WriterSocket(const std::filesystem::path& file);
  ~WriterSocket();
  /// Answers what has arrived; never blocks.
  void poll(const Handler& handler);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vernier::store
