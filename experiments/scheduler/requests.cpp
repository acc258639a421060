// Edits that other processes ask for over the writer's socket while a study runs.
#include <algorithm>

#include "core/error.h"
#include "experiments/scheduler/loop.h"
#include "store/edits.h"

namespace vernier::experiments {
/// {"ok": true}; what is wrong with a request is thrown, and the socket says it.
Json Loop::answer(const Json& request) {
  const store::Edit edit = store::read_edit(store_, request);
  if (edit.kind != store::Edit::Kind::stop) {
    store::write_edit(store_, edit);
  } else if (edit.study != study_) {
    fail<UsageError>("[scheduler] study '{}' does not run; study '{}' does", edit.study_name,
                     spec_.study);
  } else if (edit.number) {
    stop_trial(*edit.number, "stopped by a person");
  } else {
    by_request_ = true;
    if (phase_ == Phase::searching) pause_all("interrupted");
  }
  return {{"ok", true}};
}

/// Whether it runs, waits or is paused.
void Loop::stop_trial(int number, const std::string& reason) {
  const auto running = live_.find(number);
  if (running != live_.end() && !running->second.finished) {
    running->second.stop_reason = reason;
    executor_.halt(number, Executor::Halt::stop);
    return;
  }
  const auto held = std::find_if(held_.begin(), held_.end(),
                                 [&](const Live& trial) { return trial.number == number; });
  if (held != held_.end()) {
    Live trial = std::move(*held);
    held_.erase(held);
    return store_.transaction([&] { close(trial, store::State::stopped, reason); });
  }
  if (paused_.contains(number)) {
    Live trial = recall(numbering_.id(number), 0);
    return store_.transaction([&] { close(trial, store::State::stopped, reason); });
  }
  fail<UsageError>("[stop] trial {} is {} already; expected one that is not finished", number,
                   store::to_text(store_.trial(study_, number).state));
}

}  // namespace vernier::experiments
