// A device that fails in each way at each call: it stays inside one trial, or the run ends by name and a later one finishes the study.
#include <new>

#include "core/error.h"
#include "tests/experiments/scheduler/scene.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;

namespace {

enum class Fault { refuses, out_of_memory, loses, fails, diverges, repeats, stale, crashes };
constexpr int faults = 8;

/// Simulated devices whose call number `at` (of start and next) goes wrong.
class FaultyExecutor final : public Executor {
 public:
  FaultyExecutor(std::unique_ptr<SimulatedExecutor> inner, Fault fault, int at)
      : inner_(std::move(inner)), fault_(fault), at_(at) {}
  bool has_room(const Config& config) const override { return inner_->has_room(config); }
  std::optional<std::string> infeasible(const Config& config) const override {
    return inner_->infeasible(config);
  }
  Placement start(const Launch& launch) override {
    if (++calls_ == at_) {
      if (fault_ == Fault::refuses) throw DeviceError("[fake] the device refuses");
      if (fault_ == Fault::out_of_memory) throw std::bad_alloc();
      if (fault_ == Fault::crashes) throw std::runtime_error("[fake] a bug");
    }
    return inner_->start(launch);
  }
  void answer(int number, search::Verdict verdict, int decide_at) override {
    inner_->answer(number, verdict, decide_at);
  }
  void halt(int number, Halt how) override { inner_->halt(number, how); }
  void save(int number) override { inner_->save(number); }
  int lanes() const override { return inner_->lanes(); }
  std::optional<ExecutorEvent> next(double seconds) override {
    if (late_) {  // a worker that was given up speaks once more
      ++stale;
      return std::exchange(late_, std::nullopt);
    }
    if (twice_) return std::exchange(twice_, std::nullopt);
    auto event = inner_->next(seconds);
    if (!event || ++calls_ != at_) return event;
    const auto* measured = std::get_if<Measured>(&*event);
    if (measured == nullptr) {
      --calls_;
      ++at_;  // the next measurement then
      ++calls_;
      return event;
    }
    Ended ended;
    ended.number = measured->number;
    ended.fence = measured->fence;
    ended.reason = "[fake] it happened";
    switch (fault_) {
      case Fault::loses:
      case Fault::stale:
        ended.how = Ended::How::lost;
        break;
      case Fault::fails:
        ended.how = Ended::How::failed;
        break;
      case Fault::diverges:
        ended.how = Ended::How::diverged;
        break;
      case Fault::repeats:
        twice_ = event;
        return event;
      case Fault::crashes:
        throw DeviceError("[fake] the driver is gone");
      default:
        return event;
    }
    inner_->halt(ended.number, Halt::abandon);
    if (fault_ == Fault::stale) {
      late_ = event;
      auto& late = std::get<Measured>(*late_);
      late.step += 1;
      late.awaiting = false;
      for (auto& [name, value] : late.results) value = -1e9;  // it would be the best by far
    }
    return ended;
  }
  int stale = 0;

 private:
  std::unique_ptr<SimulatedExecutor> inner_;
  Fault fault_;
  int at_, calls_ = 0;
  std::optional<ExecutorEvent> twice_, late_;
};

}  // namespace

TEST_CASE(
    "each error of a device at each call: 0 trials lost or doubled, 0 stale measurements taken") {
  int runs = 0, broken = 0, stale = 0;
  for (const char* how :
       {"trials: 5\n", "strategy: {type: asha, max_steps: 4, eta: 2}\ntrials: 6\n"}) {
    Scene whole(simulated_study(how));
    (void)whole.go(falling(4), devices(2));
    for (int fault = 0; fault < faults; ++fault) {
      for (int at = 1; at <= 45; ++at) {
        CAPTURE(how);
        CAPTURE(fault);
        CAPTURE(at);
        Scene scene(simulated_study(how));
        const auto attempt = [&](int call) {
          VirtualClock clock;
          FaultyExecutor executor(
              std::make_unique<SimulatedExecutor>(falling(4), devices(2), clock),
              static_cast<Fault>(fault), call);
          try {
            (void)run(*scene.strategy(), executor, *scene.store, scene.study, scene.spec, clock, {},
                      {});
          } catch (const std::exception&) {
            ++broken;
            stale += executor.stale;
            return false;
          }
          stale += executor.stale;
          return true;
        };
        ++runs;
        if (!attempt(at)) {
          scene.open();
          REQUIRE(attempt(0));
        }
        REQUIRE(scene.all_finished());
        const auto trials = scene.store->trials(scene.study);
        REQUIRE(trials.size() == whole.store->trials(whole.study).size());
        int odd = 0;
        for (const auto& trial : trials) {
          odd += trial.state != store::State::completed && trial.state != store::State::stopped;
          const auto curve = scene.store->curve(scene.study, trial.number);
          REQUIRE(static_cast<int>(curve.size()) == trial.steps);
          for (std::size_t i = 0; i < curve.size(); ++i) {
            REQUIRE(curve[i].step == static_cast<int>(i) + 1);
            REQUIRE(curve[i].results == falling(4).step(trial.config, curve[i].step).results);
          }
        }
        REQUIRE(odd <= 1);  // the trial it happened to
      }
    }
  }
  MESSAGE("fault: a device that fails in each way at each call | "
          << runs << " runs | runs that ended by name and were continued " << broken
          << ", stale measurements refused " << stale);
  CHECK(stale > 0);
}
