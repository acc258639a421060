#include "experiments/scheduler/worker.h"

#include <mutex>
#include <thread>

#include "core/error.h"
#include "engine/cuda/gpu.h"
#include "experiments/scheduler/channel.h"
#include "experiments/scheduler/cohort_executor.h"
#include "experiments/scheduler/engine_executor.h"
#include "experiments/scheduler/wire.h"

namespace vernier::experiments {
namespace {

constexpr double longest_wait = 0.2;  // seconds until the events' thread sees that it shall end

/// The study as the driver knows it, on one device.
Spec spec_of(const Json& hello) {
  Spec spec = spec_from_json(hello.at("spec"));
  spec.resources.devices = hello.at("devices").get<std::string>();
  spec.resources.jobs = hello.at("jobs").get<int>();
  spec.resources.isolate = false;
  return spec;
}

engine::Engine::Options engine_of(const Json& hello, decltype(engine::Engine::Options::gpus) gpus) {
  engine::Engine::Options options;
  for (const Json& dir : hello.at("data_dirs"))
    options.data_dirs.emplace_back(dir.get<std::string>());
  options.log = null_log();  // the driver looked at the same study and has said it
  if (!hello.contains("gpu")) {
    options.gpus = [] { return std::vector<std::unique_ptr<engine::cuda::Gpu>>(); };
    return options;
  }
  // One GPU, with the memory that the driver reckons with. Other GPUs are not touched: every process that does holds some of their memory.
  const int index = hello.at("gpu").get<int>();
  const auto memory = hello.at("memory").get<std::size_t>();
  options.gpus = [found = std::move(gpus), index, memory] {
    auto all = found ? found() : engine::cuda::module_gpus(index);
    for (const auto& gpu : all)
      if (gpu->info().index == index) gpu->set_memory(memory);
    return all;
  };
  return options;
}

std::unique_ptr<Executor> executor_for(const Spec& spec, const engine::Engine& engine) {
  if (spec.resources.devices == "cpu") return std::make_unique<EngineExecutor>(spec, engine);
  return std::make_unique<CohortExecutor>(spec, engine);
}

/// Of the executor's three threads, this one asks, another only takes its events.
void serve(Channel& channel, Executor& executor) {
  std::mutex sending;
  std::jthread events([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const auto event = executor.next(longest_wait);
      if (!event) continue;
      const Json message = event_to_json(*event);
      const std::lock_guard lock(sending);
      if (!channel.send(message)) return;
    }
  });
  int number = 0;
  while (const auto request = channel.receive()) {
    const std::string what = request->at("do").get<std::string>();
    if (what == "start") {
      const Launch launch = launch_from_json(request->at("launch"));
      number = launch.number;
      try {
        executor.start(launch);
      } catch (const DeviceError&) {
        // Lost since it was asked: the driver hears of that, ends this process, and gives the trial to its successor.
      } catch (const std::exception& error) {
        Ended ended;
        ended.number = number;
        ended.how = Ended::How::failed;
        ended.reason = error.what();
        const std::lock_guard lock(sending);
        if (!channel.send(event_to_json(ended))) break;
      }
      continue;
    }
    const int about = request->at("number").get<int>();
    if (what == "answer") {
      executor.answer(about, static_cast<search::Verdict>(request->at("verdict").get<int>()),
                      request->at("decide_at").get<int>());
    } else if (what == "halt") {
      executor.halt(about, static_cast<Executor::Halt>(request->at("how").get<int>()));
    } else if (what == "save") {
      executor.save(about);
    }
  }
  executor.halt(number, Executor::Halt::abandon);
}

}  // namespace

int worker_main(int socket, decltype(engine::Engine::Options::gpus) gpus) {
  Channel channel{Fd(socket)};
  const auto hello = channel.receive();
  if (!hello)
    fail<UsageError>("[isolate] no study to work for; expected to be started by run --isolate");
  try {
    const Spec spec = spec_of(*hello);
    const engine::Engine engine(engine_of(*hello, std::move(gpus)));
    const std::unique_ptr<Executor> executor = executor_for(spec, engine);
    if (!channel.send({{"event", "ready"}})) return 0;
    serve(channel, *executor);
    return 0;
  } catch (const std::exception& error) {
    (void)channel.send({{"event", "refused"}, {"reason", error.what()}});
    return 1;
  }
}

}  // namespace vernier::experiments
