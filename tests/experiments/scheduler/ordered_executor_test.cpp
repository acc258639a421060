// --deterministic: the same configurations and results whatever the timing.
#include "experiments/scheduler/ordered_executor.h"

#include <stop_token>

#include "core/hash.h"
#include "core/rng.h"
#include "tests/experiments/scheduler/scene.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;

namespace {

const char* asha =
    "strategy: {type: asha, max_steps: 9, eta: 3}\ntrials: 30\nseed: 5\nresources: {jobs: 3}\n";
const char* gp = "trials: 14\nseed: 5\nresources: {jobs: 3}\n";
const char* halves =
    "strategy: {type: asha, max_steps: 8, eta: 2, min_steps: 2}\ntrials: 25\nseed: 7\nresources: "
    "{jobs: 3}\n";

/// The same results, but every step takes its own random time.
SimulatedObjective shaken(int steps, std::uint64_t timing) {
  SimulatedObjective objective = falling(steps);
  const auto plain = objective.step;
  objective.step = [plain, timing](const Config& config, int step) {
    SimulatedStep made = plain(config, step);
    Rng rng(RngKey{timing + crc32c(config.key()) * 1000ull + static_cast<unsigned>(step)});
    made.seconds = 0.05 + 10 * rng.uniform() * rng.uniform();
    return made;
  };
  return objective;
}

Summary go_ordered(Scene& scene, const SimulatedObjective& objective, int lanes,
                   const Observer& observer = {}, const StopRequests& stop = {}) {
  VirtualClock clock;
  auto inner = std::make_unique<SimulatedExecutor>(objective, devices(lanes), clock);
  const double now = virtual_time(*scene.store, scene.study, *inner);
  OrderedExecutor executor(std::move(inner), now, scene.spec.limits.target.has_value());
  return run(*scene.strategy(), executor, *scene.store, scene.study, scene.spec, clock, stop,
             observer);
}

std::string study_of(const char* how) {
  std::string text = simulated_study(how);
  if (how == gp) text.replace(text.find("sampler: random"), 15, "sampler: gp");
  return text;
}

std::vector<std::string> sorted_rows(const Scene& scene) {
  auto rows = scene.rows();
  std::sort(rows.begin(), rows.end());  // rungs of equal moments
  return rows;
}

}  // namespace

TEST_CASE("three lanes and 8 random timings: one result, which plain lanes do not give") {
  for (const char* how : {asha, gp, halves}) {
    CAPTURE(how);
    std::vector<std::string> expected;
    int different = 0;
    for (std::uint64_t timing = 1; timing <= 8; ++timing) {
      Scene scene(study_of(how));
      (void)go_ordered(scene, shaken(9, timing), 3);
      CHECK(scene.all_finished());
      if (expected.empty()) expected = scene.rows();
      CHECK(scene.rows() == expected);
      Scene plain(study_of(how));
      (void)plain.go(shaken(9, timing), devices(3));
      different += plain.rows() != expected;
    }
    MESSAGE("plain runs that differ: " << different << " of 8");
    CHECK(different > 0);
  }
}

TEST_CASE("broken at any commit and started again at other speeds, it ends the same") {
  for (const char* how : {asha, gp, halves}) {
    Scene whole(study_of(how));
    (void)go_ordered(whole, shaken(9, 1), 3);
    for (const int every : {1, 3, 7, 20, 33}) {
      if (how == gp && every < 7) continue;  // each restart fits models again
      CAPTURE(how);
      CAPTURE(every);
      Scene scene(study_of(how));
      std::uint64_t timing = 100;
      int breaks = 0;
      for (bool over = false; !over && breaks < 1000;) {
        int seen = 0;
        try {
          (void)go_ordered(scene, shaken(9, ++timing), 3, [&](const Progress& progress) {
            if (progress.kind == Progress::Kind::measurement && ++seen == every)
              throw std::runtime_error("power cut");
          });
          over = true;
        } catch (const std::runtime_error&) {
          ++breaks;
          scene.open();
        }
      }
      CHECK(breaks > 0);
      CHECK(sorted_rows(scene) == sorted_rows(whole));
    }
  }
}

TEST_CASE("stopped by Ctrl-C at any moment and continued, it ends the same") {
  for (const char* how : {asha, halves}) {
    Scene whole(study_of(how));
    (void)go_ordered(whole, shaken(9, 1), 3);
    for (const int every : {1, 4, 9, 17}) {
      CAPTURE(how);
      CAPTURE(every);
      Scene scene(study_of(how));
      std::uint64_t timing = 500;
      int stops = 0;
      for (bool over = false; !over && stops < 1000;) {
        std::stop_source pause;
        int seen = 0;
        const Summary summary =
            go_ordered(scene, shaken(9, ++timing), 3,
                       [&](const Progress& progress) {
                         if (progress.kind == Progress::Kind::measurement && ++seen == every)
                           pause.request_stop();
                       },
                       {pause.get_token(), {}});
        over = !summary.interrupted;
        stops += summary.interrupted;
        scene.open();
      }
      CHECK(stops > 0);
      CHECK(sorted_rows(scene) == sorted_rows(whole));
    }
  }
}

TEST_CASE("a reached target ends every run at the same step") {
  std::vector<std::string> expected;
  for (std::uint64_t timing = 1; timing <= 6; ++timing) {
    Scene scene(study_of("trials: 40\nseed: 2\nresources: {jobs: 3}\nlimits: {target: 0.16}\n"));
    CHECK(go_ordered(scene, shaken(9, timing), 3).why == "target reached");
    if (expected.empty()) expected = scene.rows();
    CHECK(scene.rows() == expected);
  }
}
