#include "cli/terminal/live_display.h"

#include <doctest/doctest.h>

#include <sstream>

using namespace vernier;
using namespace vernier::cli;
using experiments::Progress;

namespace {

struct ManualClock final : Clock {
  double now = 0;
  double monotonic() const override { return now; }
  double wall() const override { return now; }
};

struct Scene {
  std::ostringstream out;
  ManualClock clock;
  experiments::Summary summary;
  Config config{{{"model.depth", std::int64_t{2}}, {"train.lr", 0.00213}}};
  LiveDisplay display;

  explicit Scene(Terminal terminal) : display(out, terminal, clock, "mnist-mlp", "val_acc") {
    summary.planned = 4;
  }

  void send(Progress::Kind kind, int number = 0, double value = 0) {
    const engine::Metrics results{{"val_acc", value}};
    Progress progress{};
    progress.kind = kind;
    progress.number = number;
    progress.step = 1;
    progress.until = 5;
    progress.config = &config;
    progress.device = "cpu0";
    progress.state = "completed";
    progress.value = value;
    progress.results = &results;
    progress.summary = &summary;
    display.show(progress);
  }
};

}  // namespace

TEST_CASE("without a terminal there is a line per finished trial and no escape") {
  Scene scene(Terminal{});
  scene.send(Progress::Kind::study_started);
  scene.send(Progress::Kind::trial_started, 1);
  scene.send(Progress::Kind::measurement, 1, 0.9);
  scene.summary.completed = 1;
  scene.send(Progress::Kind::trial_finished, 1, 0.9);
  CHECK(scene.out.str() == "mnist-mlp  1/4  #1  depth 2  lr 0.00213  completed  val_acc 0.9\n");
}

TEST_CASE("on a terminal no line is wider than it, at 80 and at 20 columns") {
  for (const int width : {80, 20}) {
    Scene scene(Terminal{.interactive = true, .colour = false, .width = width, .height = 24});
    scene.summary.best = 3;
    scene.summary.best_value = 0.98;
    scene.send(Progress::Kind::study_started);
    for (int number = 1; number <= 3; ++number) {
      scene.clock.now += 1;
      scene.send(Progress::Kind::trial_started, number);
      scene.send(Progress::Kind::measurement, number, 0.5);
    }
    std::istringstream lines(scene.out.str());
    for (std::string line; std::getline(lines, line);) {
      const auto last_escape = line.rfind("\x1b[2K");
      if (last_escape != std::string::npos) line = line.substr(last_escape + 4);
      CHECK(display_width(line) <= width);
    }
  }
}

TEST_CASE("it draws at most four times a second") {
  Scene scene(Terminal{.interactive = true, .colour = false, .width = 80, .height = 24});
  scene.send(Progress::Kind::study_started);
  const auto once = scene.out.str().size();
  for (int i = 0; i < 100; ++i) {
    scene.clock.now += 0.002;
    scene.send(Progress::Kind::measurement, 1, 0.1);
  }
  CHECK(scene.out.str().size() == once);
  scene.clock.now += 0.25;
  scene.send(Progress::Kind::measurement, 1, 0.1);
  CHECK(scene.out.str().size() > once);
}
