// Trials trained again: compared with what is stored, repeated with other seeds, or measured on the test part.
#include <algorithm>
#include <atomic>
#include <climits>
#include <filesystem>

#include "core/error.h"
#include "core/text.h"
#include "experiments/scheduler/engine_executor.h"
#include "experiments/scheduler/objective.h"
#include "experiments/scheduler/setup.h"
#include "experiments/scheduler/transfer.h"

namespace vernier::experiments {
namespace {

// One trial, trained in this thread from its first step to `until`.
struct Training {
  std::vector<store::StepRow> steps;
  std::vector<store::Artifact> recorded;
  std::string weights_hash;
  store::State state = store::State::completed;
  std::string reason;
  engine::Metrics test;
  std::optional<engine::Checkpoint> best;
  std::string device, device_kind;
  bool whole = true;  // no stop was asked for
};

struct Again {
  Config config;
  int number = 0;
  int until = INT_MAX;
  std::uint32_t repeat = 0;
  bool test = false;
  std::stop_token stop = {};
};

Training train_network(const Setup& setup, const Again& again, const RunOptions& options) {
  const auto device = chosen_devices(setup.engine(), setup.spec().resources).front();
  engine::TrialSettings settings = setup.spec().settings(again.config, again.number);
  settings.repeat = again.repeat;
  const auto cohort = setup.engine().make_cohort(settings, device);
  std::optional<engine::Checkpoint> start;
  if (!settings.train.from.empty())
    start = start_weights(store::Store::open(options.db, store::Mode::read), settings.train.from);
  const int lane = cohort->admit(settings, start ? &*start : nullptr);
  Training training;
  training.device = device.name;
  training.device_kind = device.kind;
  std::atomic<bool> cancel = false;
  const std::stop_callback on_stop(again.stop, [&] { cancel = true; });
  for (bool over = false; !over;) {
    const auto rows = cohort->advance(cancel, [] {});
    training.whole = !cancel;
    if (rows.empty() || cancel) break;
    const engine::MetricRow& row = rows.front();
    training.steps.push_back({row.step, row.results, row.timings});
    for (const engine::Recorded& each : row.recorded)
      training.recorded.push_back({row.step, each.name, each.kind, each.blob});
    if (row.diverged) {
      training.state = store::State::diverged;
      training.reason = fmt::format("a loss or weight is not finite at step {}", row.step);
    }
    if (row.early) training.reason = early_stopping_at(row.step);
    over = row.ended || row.diverged || row.step >= again.until;
  }
  if (training.state == store::State::completed && training.whole) {
    training.weights_hash = cohort->weights_hash(lane);
    training.best = cohort->save_best(lane);
    if (again.test) training.test = cohort->test(lane);
  }
  return training;
}

Training run_program(const Setup& setup, const Again& again, const RunOptions& options) {
  if (again.test)
    fail<UsageError>("[rerun] an external program has no test part; expected no --test");
  const SystemClock clock;
  RunOptions apart = options;
  apart.db = options.db.string() + ".rerun";
  const auto executor = setup.make_executor(apart, clock);
  Launch launch;
  launch.number = again.number;
  launch.config = again.config;
  launch.until = again.until;
  launch.decide_at = INT_MAX;
  launch.seed = setup.spec().trial_seed(again.config, again.number) + again.repeat;
  Training training;
  const Placement placement = executor->start(launch);
  training.device = placement.device;
  training.device_kind = placement.device_kind;
  for (bool over = false; !over;) {
    const auto event = executor->next(1);
    if (again.stop.stop_requested()) {
      training.whole = false;
      executor->halt(again.number, Executor::Halt::abandon);
      break;
    }
    if (!event) continue;
    if (const auto* measured = std::get_if<Measured>(&*event)) {
      training.steps.push_back({measured->step, measured->results, measured->timings});
    } else if (const auto* ended = std::get_if<Ended>(&*event)) {
      over = true;
      training.reason = ended->reason;
      if (ended->how == Ended::How::diverged) training.state = store::State::diverged;
      if (ended->how == Ended::How::failed) training.state = store::State::failed;
    }
  }
  std::error_code ignored;
  std::filesystem::remove_all(apart.db.string() + ".d", ignored);
  return training;
}

Training train(const Setup& setup, const Again& again, const RunOptions& options) {
  return setup.spec().command ? run_program(setup, again, options)
                              : train_network(setup, again, options);
}

std::string first_difference(const std::vector<store::StepRow>& stored,
                             const std::vector<store::StepRow>& now) {
  for (std::size_t i = 0; i < std::min(stored.size(), now.size()); ++i) {
    if (stored[i].step != now[i].step)
      return fmt::format("step {} stored, step {} now", stored[i].step, now[i].step);
    for (const auto& [name, value] : stored[i].results) {
      const auto found = std::find_if(now[i].results.begin(), now[i].results.end(),
                                      [&, &n = name](const auto& r) { return r.first == n; });
      if (found == now[i].results.end())
        return fmt::format("step {} {} stored, missing now", stored[i].step, name);
      const bool both_nan = value != value && found->second != found->second;
      if (found->second != value && !both_nan) {
        return fmt::format("step {} {} {} stored, {} now", stored[i].step, name, value,
                           found->second);
      }
    }
  }
  if (stored.size() != now.size())
    return fmt::format("{} steps stored, {} now", stored.size(), now.size());
  return "";
}

/// Of what train.record kept; a log is no result.
std::string first_difference(std::vector<store::Artifact> stored,
                             const std::vector<store::Artifact>& now) {
  std::erase_if(stored, [](const store::Artifact& artifact) { return artifact.kind == "log"; });
  for (const store::Artifact& before : stored) {
    const auto same = std::find_if(now.begin(), now.end(), [&](const store::Artifact& artifact) {
      return artifact.step == before.step && artifact.name == before.name;
    });
    if (same == now.end())
      return fmt::format("step {} '{}' recorded, missing now", before.step, before.name);
    if (same->blob != before.blob)
      return fmt::format("step {} '{}' is recorded otherwise now", before.step, before.name);
  }
  if (stored.size() != now.size())
    return fmt::format("{} pictures recorded, {} now", stored.size(), now.size());
  return "";
}

void count_test(const RunOptions& options, const std::string& study, int number) {
  store::Store store = store::Store::open(options.db, store::Mode::write);
  store.add_event(store.study(study).id,
                  {SystemClock().wall(), number, "tested", "the test part was measured"});
}

double value_of(const Spec& spec, const std::vector<store::StepRow>& steps) {
  Objective objective(spec.metrics);
  for (const store::StepRow& row : steps) objective.add(row.step, row.results);
  return objective.value().value_or(0);
}

}  // namespace

RerunReport rerun_trial(const RunOptions& options, const std::string& study, int number, bool test,
                        const Log& log) {
  store::TrialRecord record;
  std::vector<store::StepRow> stored;
  std::vector<store::Artifact> recorded;
  Json spec;
  {
    const store::Store store = store::Store::open(options.db, store::Mode::read);
    const store::StudyRecord known = store.study(study);
    record = store.trial(known.id, number);
    stored = store.curve(known.id, number);
    recorded = store.artifacts(known.id, number);
    spec = known.spec;
  }
  if (!store::is_finished(record.state) || stored.empty()) {
    fail<UsageError>("[rerun] trial {}#{} is {} after {} steps; expected a finished one with steps",
                     study, number, store::to_text(record.state), stored.size());
  }
  if (record.kind == "search" && record.parent)
    fail<UsageError>(
        "[rerun] trial {}#{} went on from the state of #{}; expected one that started by itself",
        study, number, *record.parent);
  const Setup setup(spec_from_json(spec), options, log);
  Again again;
  again.config = record.config;
  again.number = record.number;
  again.test = test;
  if (record.kind == "repeat" && record.parent) {
    again.number = *record.parent;
    again.repeat = static_cast<std::uint32_t>(record.number);
  }
  if (record.state != store::State::completed) again.until = record.steps;
  const Training training = train(setup, again, options);
  if (test) count_test(options, study, number);
  RerunReport report;
  report.value = value_of(setup.spec(), training.steps);
  report.test = training.test;
  report.difference = first_difference(stored, training.steps);
  if (report.difference.empty())
    report.difference = first_difference(std::move(recorded), training.recorded);
  if (report.difference.empty() && !record.weights_hash.empty() &&
      record.weights_hash != training.weights_hash) {
    report.difference = fmt::format("hash of the weights {} stored, {} now", record.weights_hash,
                                    training.weights_hash);
  }
  if (!report.difference.empty() && !record.device_kind.empty() &&
      record.device_kind != training.device_kind) {
    report.difference +=
        fmt::format(" (stored on {}, now on {})", record.device_kind, training.device_kind);
  }
  report.equal = report.difference.empty();
  return report;
}

std::vector<double> repeat_trial(const RunOptions& options, const std::string& study, int number,
                                 int seeds, bool test, const Log& log,
                                 const std::stop_token& stop) {
  store::Store store = store::Store::open(options.db, store::Mode::write);
  const store::StudyRecord known = store.study(study);
  const store::TrialRecord record = store.trial(known.id, number);
  const Setup setup(spec_from_json(known.spec), options, log);
  int last = 0;
  for (const store::TrialRecord& trial : store.trials(known.id))
    last = std::max(last, trial.number);
  std::vector<double> values;
  for (int k = 1; k <= seeds; ++k) {
    const int own = last + k;
    Again again;
    again.config = record.config;
    again.number = number;
    again.repeat = static_cast<std::uint32_t>(own);
    again.test = test;
    again.stop = stop;
    const Training training = train(setup, again, options);
    if (!training.whole) return values;
    store.transaction([&] {
      store::NewTrial trial;
      trial.number = own;
      trial.config = record.config;
      trial.kind = "repeat";
      trial.parent = number;
      trial.seed = setup.spec().trial_seed(record.config, number);
      store.add_trial(known.id, trial);
      store.set_running(known.id, own, training.device, training.device_kind);
      Objective objective(setup.spec().metrics);
      for (const store::StepRow& row : training.steps) {
        objective.add(row.step, row.results);
        store.add_step(known.id, own, row, objective.value());
      }
      for (const store::Artifact& each : training.recorded) store.add_artifact(known.id, own, each);
      store::TrialEnd end;
      end.state = training.state;
      end.value = objective.value();
      end.objectives = objective.all();
      end.best_step = objective.best_step();
      end.reason = training.reason;
      end.weights_hash = training.weights_hash;
      store.finish_trial(known.id, own, end);
      for (const auto& [metric, value] : training.test) {
        store.add_event(known.id,
                        {SystemClock().wall(), own, "tested", fmt::format("{} {}", metric, value)});
      }
      if (objective.value() && training.state == store::State::completed)
        values.push_back(*objective.value());
    });
  }
  return values;
}

engine::Metrics test_trial(const RunOptions& options, const std::string& study, int number,
                           const Log& log) {
  engine::Metrics metrics;
  {
    const store::Store store = store::Store::open(options.db, store::Mode::read);
    const store::StudyRecord known = store.study(study);
    const store::TrialRecord record = store.trial(known.id, number);
    const auto best = store.load_checkpoint(known.id, number, "best");
    if (!best)
      fail<UsageError>(
          "[best] the weights of {}#{} were not kept; `vernier rerun {}#{} --test` trains it again",
          study, number, study, number);
    const Setup setup(spec_from_json(known.spec), options, log);
    if (setup.spec().command)
      fail<UsageError>("[best] an external program has no test part; expected no --test");
    const auto device = chosen_devices(setup.engine(), setup.spec().resources).front();
    const engine::TrialSettings settings = setup.spec().settings(record.config, record.number);
    const auto cohort = setup.engine().make_cohort(settings, device);
    const engine::Checkpoint from{best->step, best->device_kind, best->bytes};
    metrics = cohort->test(cohort->admit(settings, &from));
  }
  count_test(options, study, number);
  return metrics;
}

}  // namespace vernier::experiments
