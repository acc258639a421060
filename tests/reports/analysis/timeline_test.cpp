#include "reports/analysis/timeline.h"

#include <doctest/doctest.h>

#include "tests/reports/study.h"

using namespace vernier::reports;
using vernier::store::State;

namespace {

vernier::store::TrialRecord& ran(StudyData& data, const char* device, double from, double to) {
  auto& trial = test::add(data, 1.0);
  trial.device = device;
  trial.started = 1000 + from;
  trial.ended = 1000 + to;
  trial.seconds = to - from;
  return trial;
}

StudyData at_1000() {
  auto data = test::study();
  data.study.created = 1000;
  return data;
}

}  // namespace

TEST_CASE("a line per device, in natural order, with its occupancy of the active time") {
  auto data = at_1000();
  ran(data, "gpu:10", 0, 10);
  ran(data, "gpu:2", 0, 4);
  ran(data, "gpu:2", 4, 6);
  ran(data, "gpu:10", 20, 30);  // nobody trained from 10 to 20
  const Timeline all = timeline(data, 1100);
  REQUIRE(all.lanes.size() == 2);
  CHECK(all.lanes[0].device == "gpu:2");
  CHECK(all.lanes[0].stretches.size() == 2);
  CHECK(all.active == doctest::Approx(20));
  CHECK(all.devices[0].busy == doctest::Approx(6));
  CHECK(all.devices[0].occupancy == doctest::Approx(0.3));
  CHECK(all.devices[1].occupancy == doctest::Approx(1));
  CHECK(all.mean_running == doctest::Approx(26.0 / 20));
}

TEST_CASE("trials at the same time on one device get lines of their own; the device is busy once") {
  auto data = at_1000();
  ran(data, "gpu:0", 0, 10);
  ran(data, "gpu:0", 5, 10);
  ran(data, "gpu:0", 10, 12);
  const Timeline all = timeline(data, 1100);
  REQUIRE(all.lanes.size() == 2);
  CHECK(all.lanes[0].stretches.size() == 2);
  CHECK(all.devices.size() == 1);
  CHECK(all.devices[0].busy == doctest::Approx(12));
  CHECK(all.mean_running == doctest::Approx(17.0 / 12));
}

TEST_CASE("pauses are gaps; a trial that was cut off lasts as long as it trained") {
  auto data = at_1000();
  ran(data, "cpu0", 0, 20).seconds = 9;
  data.events = {
      {1005, 1, "paused", ""}, {1016, 1, "resumed", ""}, {1007, std::nullopt, "note", ""}};
  auto& cut = ran(data, "cpu1", 0, 50);
  cut.seconds = 12;
  data.events.push_back({1040, 2, "resumed", ""});
  const Timeline all = timeline(data, 1100);
  REQUIRE(all.lanes.size() == 2);
  REQUIRE(all.lanes[0].stretches.size() == 2);
  CHECK(all.lanes[0].stretches[0].to == doctest::Approx(5));
  CHECK(all.lanes[0].stretches[1].from == doctest::Approx(16));
  CHECK(all.lanes[0].stretches[1].to == doctest::Approx(20));
  REQUIRE(all.lanes[1].stretches.size() == 2);
  CHECK(all.lanes[1].stretches[0].to == doctest::Approx(12));
  CHECK(all.lanes[1].stretches[1].from == doctest::Approx(40));
}

TEST_CASE("a running trial lasts to now, a waiting one is not there") {
  auto data = at_1000();
  auto& running = ran(data, "cpu0", 2, 0);
  running.ended.reset();
  running.state = State::running;
  test::add(data, State::waiting, std::nullopt);
  const Timeline all = timeline(data, 1009);
  REQUIRE(all.lanes.size() == 1);
  CHECK(all.lanes[0].stretches[0].to == doctest::Approx(9));
  CHECK(timeline(at_1000(), 1100).lanes.empty());
}
