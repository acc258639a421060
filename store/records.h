// Plain records: what the database remembers. Units: seconds, bytes; wall times are Unix seconds.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.h"
#include "core/value.h"

namespace vernier::store {

using StudyId = std::int64_t;

enum class State {
  waiting,
  running,
  paused,
  completed,
  stopped,
  failed,
  diverged,
  infeasible,
  interrupted
};
std::string_view to_text(State state);
State state_from_text(std::string_view text);  // throws StoreError
bool is_finished(State state);                 // completed, stopped, failed, diverged, infeasible

struct ParamRecord {
  std::string name;
  std::string type;  // float, int, categorical, ordinal, bool, constant
  Json definition;   // low, high, step, scale, choices, when
};

struct NewStudy {
  std::string name;
  std::string note;
  std::string spec_text;  // the study file as written
  Json spec;              // normalised, overrides included
  std::string spec_hash;  // of what decides results (DECISIONS 1)
  std::uint64_t seed = 0;
  int trials = 0;  // planned total
  std::string sampler, strategy;
  std::vector<ParamRecord> params;
  std::vector<std::pair<std::string, bool>> objectives;  // metric, maximise; the first is the value
  std::string code_version, host;
};

struct StudyRecord : NewStudy {
  StudyId id = 0;
  double created = 0;  // wall
  std::string state;   // running, finished, interrupted
};

/// Kind of a trial: "search", or "repeat" (a rerun: outside total, sampler and top).
struct NewTrial {
  int number = 0;
  Config config;
  std::string kind = "search";
  std::optional<int> parent;  // clone or repeat of
  bool enqueued = false;
  std::uint64_t seed = 0;
  std::vector<double> fit;  // sampler's hyperparameters (table fit)
};

using NamedValues = std::vector<std::pair<std::string, double>>;

struct StepRow {
  int step = 0;
  NamedValues results;  // replayed, compared, hashed
  NamedValues timings;  // the first writing stands
};

/// One metric of a whole trial; steps ascend.
struct Series {
  std::string metric;
  bool timing = false;
  std::vector<int> steps;
  std::vector<double> values;
};

/// Where and when a trial ran that is written as a whole.
struct TrialRun {
  std::string device, device_kind;
  std::optional<double> started, ended;  // wall
  double seconds = 0;
};

struct TrialRecord : NewTrial {
  State state = State::waiting;
  int steps = 0;                   // committed
  std::optional<double> value;     // of the objective, as the user sees it (not flipped)
  std::vector<double> objectives;  // all of them, where several
  std::optional<int> best_step;
  std::optional<double> started, ended;  // wall
  double seconds = 0;                    // of training, over all stretches
  std::string device, device_kind;
  std::string reason;  // of failed, stopped, infeasible
  std::string weights_hash;
  std::optional<double> origin;  // deterministic searches: virtual seconds, see FORMAT.md
  std::vector<std::string> tags;
  std::string note;
};

/// How a trial ended.
struct TrialEnd {
  State state = State::completed;
  std::optional<double> value;
  std::vector<double> objectives;  // all of them, where several
  std::optional<int> best_step;
  std::string reason;
  std::string weights_hash;
  NamedValues facts;  // parameters, flops, bytes
};

struct CheckpointRecord {
  int step = 0;
  std::string device_kind;
  std::string role;  // "resume" or "best"
  std::vector<std::byte> bytes;
};

struct RungRow {
  int number = 0;
  int step = 0;
  double value = 0;  // minimised, as the strategy saw it
};

struct Event {
  double wall = 0;
  std::optional<int> number;
  std::string kind;  // started, paused, resumed, finished, retried, device_lost, note, ...
  std::string text;
};

struct Artifact {
  int step = 0;
  std::string name, kind;  // kind: log, json, png, ...
  std::string blob;
};

}  // namespace vernier::store
