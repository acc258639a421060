#include "experiments/scheduler/engine_executor.h"

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <new>

#include "core/clock.h"
#include "core/error.h"
#include "core/text.h"
#include "experiments/scheduler/engine_slot.h"

namespace vernier::experiments {

namespace {
constexpr double first_silence = 10;  // times the usual
}

struct EngineExecutor::Threads {
  explicit Threads(int lanes)
      : control(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(lanes) + 1),
        arena(lanes, 0) {}
  tbb::global_control control;  // one thread a lane, and the scheduler's
  tbb::task_arena arena;
  std::mutex mutex;
  std::condition_variable idle;
  int running = 0;

  template <class Body>
  void enqueue(Body body) {
    {
      const std::lock_guard lock(mutex);
      ++running;
    }
    arena.enqueue([this, body] {
      body();
      const std::lock_guard lock(mutex);
      --running;
      idle.notify_all();
    });
  }
  ~Threads() {
    std::unique_lock lock(mutex);
    idle.wait(lock, [this] { return running == 0; });
  }
};

EngineExecutor::EngineExecutor(const Spec& spec, const engine::Engine& engine, double silence)
    : spec_(spec), engine_(engine), silence_(silence) {
  for (engine::DeviceInfo& device : chosen_devices(engine, spec.resources)) {
    memory_ = std::max(memory_, device.memory);
    slots_.push_back(std::make_unique<Slot>());
    slots_.back()->device = std::move(device);
  }
  if (spec.resources.memory > 0) memory_ = spec.resources.memory;
  feasibility_ = std::make_unique<Feasibility>(spec, engine, slots_.front()->device);
  threads_ = std::make_unique<Threads>(lanes());
}

EngineExecutor::~EngineExecutor() {
  for (const auto& slot : slots_) slot->cancel = true;
}

std::size_t EngineExecutor::used() const {
  std::size_t bytes = 0;
  for (const auto& slot : slots_)
    if (slot->number != 0) bytes += slot->bytes;
  return bytes;
}

bool EngineExecutor::has_room(const Config& config) const {
  const bool free =
      std::any_of(slots_.begin(), slots_.end(), [](const auto& slot) { return slot->number == 0; });
  return free && used() + feasibility_->estimate(config).bytes <= memory_;
}

std::optional<std::string> EngineExecutor::infeasible(const Config& config) const {
  return feasibility_->infeasible(config, memory_);
}

std::vector<std::pair<std::string, double>> EngineExecutor::facts(const Config& config) const {
  return feasibility_->facts(config);
}

EngineExecutor::Slot* EngineExecutor::find(int number) {
  for (const auto& slot : slots_)
    if (slot->number == number && !slot->dead) return slot.get();
  return nullptr;
}

Placement EngineExecutor::start(const Launch& launch) {
  Slot* slot = find(0);
  if (!slot) fail<Error>("[scheduler] no free lane for trial {}", launch.number);
  slot->launch = launch;
  slot->bytes = feasibility_->estimate(launch.config).bytes;
  slot->halt.reset();
  slot->save = slot->waits = false;
  slot->cancel = slot->silent = false;
  // Until the first update network and data are made ready, which takes longer.
  slot->beat = SystemClock().monotonic() + (first_silence - 1) * silence_;
  slot->cohort.reset();
  slot->number = launch.number;
  threads_->enqueue([this, slot] { train(*slot); });
  return {slot->device.name, slot->device.kind};
}

void EngineExecutor::answer(int number, search::Verdict verdict, int decide_at) {
  Slot* slot = find(number);
  if (!slot) return;
  {
    const std::lock_guard lock(slot->mutex);
    if (!slot->waits) return;
    slot->waits = false;
    slot->launch.decide_at = decide_at;
    if (verdict == search::Verdict::pause) slot->halt = Halt::pause;
    if (verdict == search::Verdict::stop) slot->halt = Halt::stop;
    slot->beat = SystemClock().monotonic();
  }
  threads_->enqueue([this, slot] { train(*slot); });
}

void EngineExecutor::halt(int number, Halt how) {
  Slot* slot = find(number);
  if (!slot) return;
  const std::lock_guard lock(slot->mutex);
  if (how == Halt::abandon) {
    slot->cancel = true;
  } else if (slot->halt != Halt::stop) {
    slot->halt = how;
  }
}

void EngineExecutor::save(int number) {
  Slot* slot = find(number);
  if (!slot) return;
  const std::lock_guard lock(slot->mutex);
  if (slot->waits) {
    events_.push(Saved{number, slot->cohort->save(slot->lane), slot->launch.fence});
  } else {
    slot->save = true;
  }
}

int EngineExecutor::lanes() const {
  return static_cast<int>(
      std::count_if(slots_.begin(), slots_.end(), [](const auto& slot) { return !slot->dead; }));
}

std::optional<ExecutorEvent> EngineExecutor::next(double seconds) {
  meet_silence();
  return events_.pop(seconds);
}

void EngineExecutor::publish(Slot& slot, ExecutorEvent event) {
  const std::lock_guard lock(slot.mutex);
  if (!slot.dead) events_.push(std::move(event));
}

void EngineExecutor::meet_silence() {
  const double now = SystemClock().monotonic();
  const double most = std::max(silence_, 10 * longest_.load());
  for (const auto& slot : slots_) {
    const std::lock_guard lock(slot->mutex);
    const int number = slot->number;
    if (number == 0 || slot->dead || slot->waits || now - slot->beat < most) continue;
    if (!slot->silent.exchange(true)) {
      slot->cancel = true;
      slot->beat = now;  // as long again to answer
      continue;
    }
    slot->dead = true;
    Ended ended;
    ended.number = number;
    ended.fence = slot->launch.fence;
    ended.how = Ended::How::failed;
    ended.reason =
        fmt::format("hung: no update for {}, and its thread does not end; --isolate would retry it",
                    format_duration(2 * most));
    events_.push(std::move(ended));
    events_.push(DeviceLost{slot->device.name, fmt::format("trial {} hangs on it", number)});
  }
}

}  // namespace vernier::experiments
