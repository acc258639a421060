// One GPU of the cohort executor.
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "experiments/scheduler/cohort_executor.h"

namespace vernier::experiments {

/// Its thread alone touches cohorts; what the scheduler asks for is taken up between two steps.
class CohortExecutor::Station {
 public:
  Station(const Spec& spec, const engine::Engine& engine, engine::DeviceInfo device,
          std::size_t memory, int lanes, EventQueue& events);
  ~Station();

  const engine::DeviceInfo& device() const { return device_; }
  std::size_t memory() const { return memory_; }
  int most() const { return most_; }
  bool dead() const { return dead_; }
  bool has_room(const engine::Estimate& of) const;
  void start(const Launch& launch, const engine::Estimate& of);
  void answer(int number, search::Verdict verdict, int decide_at);
  void halt(int number, Halt how);
  void save(int number);

 private:
  struct Trial {
    Launch launch;
    engine::TrialSettings settings;
    std::string key;  // of its cohort
    std::size_t bytes = 0, data_bytes = 0;
    int lane = -1;  // it has not arrived
    int step = 0, full = 0;
    bool waits = false, save = false;
    bool goes = false;  // takes the next step
    std::optional<Halt> halt;
    std::optional<Ended::How> over;  // trained to its end
    std::string reason;              // what an end has to say
  };
  struct Group {
    std::unique_ptr<engine::Cohort> cohort;
    int lanes = 0;
    std::size_t lane_bytes = 0;
    std::vector<Trial*> members;  // as many as live
  };

  template <class Change>
  void change(int number, Change&& change);
  void work(const std::stop_token& stop);
  bool turn();
  void step_all();
  void admit_new();
  void admit(Trial& trial, Group& group);
  std::size_t held_bytes() const;
  void make_room(Group& group, int needed, const engine::TrialSettings& any);
  void resize(Group& group, int lanes, const engine::TrialSettings& any);
  engine::Cohort& cohort_of(const Trial& trial) const;
  void leave_group(Trial& trial);
  static Ended ended(const Trial& trial, Ended::How how, std::string reason);
  bool attend(Trial& trial);
  void take(Trial& trial, engine::MetricRow row);
  void lose(const std::string& reason);

  const Spec& spec_;
  const engine::Engine& engine_;
  const engine::DeviceInfo device_;
  const std::size_t memory_;
  const int most_;
  EventQueue& events_;

  mutable std::mutex mutex_;  // trials_ and wake_
  std::condition_variable_any changed_;
  bool wake_ = false;
  std::map<int, Trial> trials_;
  std::map<std::string, Group> groups_;
  std::atomic<bool> dead_{false}, cancel_{false};
  double told_ = 0;
  std::jthread thread_;  // last
};

}  // namespace vernier::experiments
