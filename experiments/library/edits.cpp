// What other processes ask for over FILE.sock while the study is open. Called with the lock held.
#include "core/error.h"
#include "experiments/library/search.h"

namespace vernier::detail {

void Search::edited(const store::Edit& edit) {
  if (edit.kind == store::Edit::Kind::note && !edit.number)
    settings_.note = edit.text;  // amending the study writes it again
  if (edit.kind != store::Edit::Kind::stop) return;
  if (edit.number) return stop_trial(*edit.number);
  if (!run_)
    fail<UsageError>("[stop] study '{}' is open but does not run; expected the number of a trial",
                     settings_.name);
  run_stopped_ = interrupting_ = true;
  told_.notify_all();
}

/// One that runs ends when it next asks should_stop(); one that rests, now.
void Search::stop_trial(int number) {
  const std::string reason = "stopped by a person";
  if (const auto found = live_.find(number); found != live_.end()) {
    found->second.stop_reason = reason;
    return;
  }
  const store::State state = store().trial(study_, number).state;
  if (store::is_finished(state))
    fail<UsageError>("[stop] trial {}#{} is {} already; expected one that is not finished",
                     settings_.name, number, store::to_text(state));
  strategy_.reset();  // made anew without it
  Live live = recall(number);
  end(number, live, State::stopped, {}, reason);
  interrupted_.erase(number);
  std::erase(enqueued_, number);
}

void Search::stop_run(bool interrupting) {
  const auto lock = shared_->lock();
  if (!run_) fail<UsageError>("[stop] optimize() does not run; expected it to");
  run_stopped_ = true;
  interrupting_ = interrupting_ || interrupting;
  told_.notify_all();
}

bool Search::run_is_stopped() {
  const auto lock = shared_->lock();
  return run_stopped_;
}

}  // namespace vernier::detail
