// One stretch of training on one slot: the body of the engine executor's tasks.
#include <cmath>
#include <new>

#include "core/clock.h"
#include "core/error.h"
#include "experiments/scheduler/engine_executor.h"
#include "experiments/scheduler/engine_slot.h"

namespace vernier::experiments {
namespace {

constexpr double beat_every = 5;  // seconds

}  // namespace

/// Until the trial ends, pauses, or waits for a verdict. Leaves the slot free by giving up its number last.
void EngineExecutor::train(Slot& slot) {
  const int number = slot.number;
  Ended ended;
  ended.number = number;
  ended.fence = slot.launch.fence;
  try {
    if (!go_on(slot, ended)) return;
  } catch (const std::bad_alloc&) {
    ended.how = Ended::How::failed;
    ended.reason = "out of memory";
  } catch (const DeviceError& error) {
    ended.how = Ended::How::lost;
    ended.reason = error.what();
  } catch (const std::exception& error) {
    ended.how = Ended::How::failed;
    ended.reason = error.what();
  }
  if (slot.silent && ended.how == Ended::How::stopped) {
    ended.how = Ended::How::lost;
    ended.reason = "no update for too long";
  }
  slot.cohort.reset();
  const std::lock_guard lock(slot.mutex);
  if (slot.dead) return;  // told already
  slot.number = 0;
  events_.push(std::move(ended));
}

/// False: the lane waits for a verdict.
bool EngineExecutor::go_on(Slot& slot, Ended& ended) {
  const int number = slot.number;
  if (!slot.cohort) admit(slot);
  const SystemClock clock;
  double told = clock.monotonic();
  bool begun = false;  // the first stretch also makes ready
  slot.beat = told;
  const auto heartbeat = [&] {
    const double now = clock.monotonic(), gap = now - slot.beat.exchange(now);
    if (begun && gap > longest_) longest_ = gap;
    begun = true;
    if (now - told < beat_every) return;
    told = now;
    publish(slot, Heartbeat{number});
  };
  for (;;) {
    {
      const std::lock_guard lock(slot.mutex);
      if (slot.save && !slot.dead)
        events_.push(Saved{number, slot.cohort->save(slot.lane), slot.launch.fence});
      slot.save = false;
      // Asked for while it waited for a verdict, or the verdict itself.
      if (slot.halt && (slot.step > 0 || slot.halt == Halt::stop))
        return leave(slot, *slot.halt, ended);
    }
    if (slot.step >=
        slot.full) {  // everything was trained before the crash but its end not written
      complete(slot, ended);
      return true;
    }
    if (slot.step >= slot.launch.until) return leave(slot, Halt::pause, ended);
    auto rows = slot.cohort->advance(slot.cancel, heartbeat);
    if (slot.cancel) {
      ended.how = Ended::How::stopped;
      ended.reason = "abandoned";
      return true;
    }
    if (rows.empty()) {  // it had ended before
      complete(slot, ended);
      return true;
    }
    for (engine::MetricRow& row : rows) {
      if (row.lane != slot.lane) continue;
      slot.step = row.step;
      const bool over = row.ended || row.diverged;
      const bool awaiting = !over && row.step >= slot.launch.decide_at;
      if (awaiting) {
        const std::lock_guard lock(slot.mutex);
        slot.waits = true;
      }
      publish(slot, Measured{number, row.step, std::move(row.results), std::move(row.timings),
                             awaiting, slot.launch.fence, std::move(row.recorded)});
      if (row.diverged) {
        ended.how = Ended::How::diverged;
        ended.reason = "a loss or weight is not finite at step " + std::to_string(row.step);
        return true;
      }
      if (row.ended) {
        complete(slot, ended);
        return true;
      }
      if (awaiting) return false;
    }
  }
}

void EngineExecutor::admit(Slot& slot) {
  const engine::TrialSettings settings = spec_.settings(slot.launch.config, slot.launch.number);
  slot.full = settings.steps();
  slot.step = 0;
  slot.cohort = engine_.make_cohort(settings, slot.device);
  const auto &own = slot.launch.checkpoint, &start = slot.launch.start;
  const bool usable = own && own->device_kind == slot.device.kind;
  slot.lane = slot.cohort->admit(settings, usable ? &*own : start ? &*start : nullptr);
  if (usable) slot.step = own->step;
  slot.launch.checkpoint.reset();
  slot.launch.start.reset();
}

void EngineExecutor::complete(Slot& slot, Ended& ended) {
  ended.how = Ended::How::completed;
  if (slot.step < slot.full) ended.reason = early_stopping_at(slot.step);
  ended.weights_hash = slot.cohort->weights_hash(slot.lane);
  ended.best = slot.cohort->save_best(slot.lane);
}

bool EngineExecutor::leave(Slot& slot, Halt how, Ended& ended) {
  ended.how = how == Halt::pause ? Ended::How::paused : Ended::How::stopped;
  if (how == Halt::pause) ended.resume = slot.cohort->save(slot.lane);
  return true;
}

}  // namespace vernier::experiments
