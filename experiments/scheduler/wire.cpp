#include "experiments/scheduler/wire.h"

#include <cstring>

#include "core/error.h"

namespace vernier::experiments {
namespace {

Json metrics_to_json(const engine::Metrics& metrics) {
  Json json = Json::array();
  for (const auto& [name, value] : metrics) json.push_back(Json::array({name, value}));
  return json;
}

engine::Metrics metrics_from_json(const Json& json) {
  engine::Metrics metrics;
  for (const Json& pair : json)
    metrics.emplace_back(pair.at(0).get<std::string>(), pair.at(1).get<double>());
  return metrics;
}

Json recorded_to_json(const std::vector<engine::Recorded>& recorded) {
  Json json = Json::array();
  for (const engine::Recorded& each : recorded)
    json.push_back(
        Json::array({each.name, each.kind, Json::binary({each.blob.begin(), each.blob.end()})}));
  return json;
}

std::vector<engine::Recorded> recorded_from_json(const Json& json) {
  std::vector<engine::Recorded> recorded;
  for (const Json& each : json) {
    const auto& bytes = each.at(2).get_binary();
    recorded.push_back({each.at(0).get<std::string>(),
                        each.at(1).get<std::string>(),
                        {bytes.begin(), bytes.end()}});
  }
  return recorded;
}

Json checkpoint_to_json(const std::optional<engine::Checkpoint>& checkpoint) {
  if (!checkpoint) return nullptr;
  std::vector<std::uint8_t> bytes(checkpoint->bytes.size());
  if (!bytes.empty()) std::memcpy(bytes.data(), checkpoint->bytes.data(), bytes.size());
  return {{"step", checkpoint->step},
          {"device_kind", checkpoint->device_kind},
          {"start", checkpoint->start},
          {"bytes", Json::binary(std::move(bytes))}};
}

std::optional<engine::Checkpoint> checkpoint_from_json(const Json& json) {
  if (json.is_null()) return std::nullopt;
  engine::Checkpoint checkpoint;
  checkpoint.step = json.at("step").get<int>();
  checkpoint.device_kind = json.at("device_kind").get<std::string>();
  checkpoint.start = json.at("start").get<bool>();
  const auto& bytes = json.at("bytes").get_binary();
  checkpoint.bytes.resize(bytes.size());
  if (!bytes.empty()) std::memcpy(checkpoint.bytes.data(), bytes.data(), bytes.size());
  return checkpoint;
}

Json to_message(const Measured& event) {
  return {{"event", "measured"},
          {"number", event.number},
          {"step", event.step},
          {"results", metrics_to_json(event.results)},
          {"timings", metrics_to_json(event.timings)},
          {"awaiting", event.awaiting},
          {"recorded", recorded_to_json(event.recorded)}};
}

Json to_message(const Saved& event) {
  return {{"event", "saved"},
          {"number", event.number},
          {"checkpoint", checkpoint_to_json(event.checkpoint)}};
}

Json to_message(const Ended& event) {
  return {{"event", "ended"},
          {"number", event.number},
          {"how", static_cast<int>(event.how)},
          {"reason", event.reason},
          {"resume", checkpoint_to_json(event.resume)},
          {"best", checkpoint_to_json(event.best)},
          {"weights_hash", event.weights_hash},
          {"log", event.log}};
}

Json to_message(const Heartbeat& event) {
  return {{"event", "heartbeat"}, {"number", event.number}};
}

Json to_message(const DeviceLost& event) {
  return {{"event", "device_lost"}, {"device", event.device}, {"reason", event.reason}};
}

Ended ended_from_json(const Json& json) {
  Ended event;
  event.number = json.at("number").get<int>();
  const int how = json.at("how").get<int>();
  if (how < 0 || how > static_cast<int>(Ended::How::lost))
    fail<Error>("[isolate] a trial ended in way {}; expected one of ours", how);
  event.how = static_cast<Ended::How>(how);
  event.reason = json.at("reason").get<std::string>();
  event.resume = checkpoint_from_json(json.at("resume"));
  event.best = checkpoint_from_json(json.at("best"));
  event.weights_hash = json.at("weights_hash").get<std::string>();
  event.log = json.at("log").get<std::string>();
  return event;
}

}  // namespace

Json launch_to_json(const Launch& launch) {
  return {{"number", launch.number},
          {"config", to_json(launch.config)},
          {"until", launch.until},
          {"decide_at", launch.decide_at},
          {"committed", launch.committed},
          {"checkpoint", checkpoint_to_json(launch.checkpoint)},
          {"start", checkpoint_to_json(launch.start)},
          {"seed", launch.seed}};
}

Launch launch_from_json(const Json& json) {
  Launch launch;
  launch.number = json.at("number").get<int>();
  launch.config = config_from_json(json.at("config"));
  launch.until = json.at("until").get<int>();
  launch.decide_at = json.at("decide_at").get<int>();
  launch.committed = json.at("committed").get<int>();
  launch.checkpoint = checkpoint_from_json(json.at("checkpoint"));
  launch.start = checkpoint_from_json(json.at("start"));
  launch.seed = json.at("seed").get<std::uint64_t>();
  return launch;
}

Json event_to_json(const ExecutorEvent& event) {
  return std::visit([](const auto& what) { return to_message(what); }, event);
}

ExecutorEvent event_from_json(const Json& json) {
  const std::string kind = json.at("event").get<std::string>();
  if (kind == "measured")
    return Measured{json.at("number").get<int>(),           json.at("step").get<int>(),
                    metrics_from_json(json.at("results")),  metrics_from_json(json.at("timings")),
                    json.at("awaiting").get<bool>(),        0,
                    recorded_from_json(json.at("recorded"))};
  if (kind == "saved") {
    auto checkpoint = checkpoint_from_json(json.at("checkpoint"));
    if (!checkpoint) fail<Error>("[isolate] no checkpoint in a message that brings one");
    return Saved{json.at("number").get<int>(), std::move(*checkpoint)};
  }
  if (kind == "ended") return ended_from_json(json);
  if (kind == "heartbeat") return Heartbeat{json.at("number").get<int>()};
  if (kind == "device_lost")
    return DeviceLost{json.at("device").get<std::string>(), json.at("reason").get<std::string>()};
  fail<Error>("[isolate] event '{}'; expected one of ours", kind);
}

}  // namespace vernier::experiments
