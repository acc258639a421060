// Edits that other processes ask for over the writer's socket while a study runs.
#include <algorithm>

#include "core/error.h"
#include "experiments/scheduler/loop.h"

namespace vernier::experiments {
namespace {

std::vector<std::string> words(const Json& request, const char* key) {
  return request.contains(key) ? request[key].get<std::vector<std::string>>()
                               : std::vector<std::string>();
}

}  // namespace

/// {"do": "note" | "tag" | "stop", "study": NAME, "number": N?, ...} -> {"ok": true} or {"error": TEXT}.
Json Loop::answer(const Json& request) {
  try {
    const std::string what = request.at("do").get<std::string>();
    const store::StudyRecord study = store_.study(request.at("study").get<std::string>());
    std::optional<int> number;
    if (request.contains("number")) number = store_.trial(study.id, request["number"]).number;
    if (what == "note") {
      store_.set_note(study.id, number, request.at("text").get<std::string>());
    } else if (what == "tag") {
      const auto add = words(request, "add"), remove = words(request, "remove");
      store_.set_tags(study.id, number, add, remove);
    } else if (what != "stop") {
      fail<UsageError>("[scheduler] unknown request '{}'; expected note, tag or stop", what);
    } else if (study.id != study_) {
      fail<UsageError>("[scheduler] study '{}' does not run; study '{}' does", study.name,
                       store_.file().string());
    } else if (number) {
      stop_trial(*number, "stopped by a person");
    } else {
      by_request_ = true;
      if (phase_ == Phase::searching) pause_all("interrupted");
    }
    return {{"ok", true}};
  } catch (const Error& error) {
    return {{"error", error.what()}};
  } catch (const Json::exception& error) {
    return {{"error", fmt::format("[scheduler] {}; expected a request", error.what())}};
  }
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
