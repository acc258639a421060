// What whole trainings reach, on data that is learnt and not made up for the test.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "engine/cohort/cpu_cohort.h"
#include "tests/engine/engine_support.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::testing;

namespace {

std::vector<std::filesystem::path> data_folders() {
  std::vector<std::filesystem::path> folders;
  const char* list = std::getenv("VERNIER_DATA");
  std::istringstream text(list ? list : "");
  for (std::string folder; std::getline(text, folder, ':');) folders.emplace_back(folder);
  return folders;
}

/// Share of the test part that a whole training gets right.
double test_accuracy(const TrialSettings& settings, std::shared_ptr<const Dataset> data) {
  CpuCohort cohort(settings, std::move(data), "cpu-test");
  const int lane = cohort.admit(settings, nullptr);
  const std::atomic<bool> go{false};
  for (bool ended = false; !ended;) ended = cohort.advance(go, {}).at(0).ended;
  for (const auto& [name, value] : cohort.test(lane)) {
    if (name == "test_acc") return value;
  }
  FAIL("no test accuracy");
  return 0;
}

bool has_mnist() {
  for (const auto& folder : data_folders()) {
    if (std::filesystem::exists(folder / "mnist")) return true;
  }
  std::puts("SKIPPED: learning on MNIST: no folder 'mnist' under VERNIER_DATA");
  return false;
}

std::shared_ptr<const Dataset> load(const DataSettings& settings) {
  return std::make_shared<const Dataset>(load_dataset(settings, data_folders(), Log()));
}

}  // namespace

TEST_CASE("digits are hard enough for depth to matter: logistic <= 92 %, an MLP >= 97 %") {
  TrialSettings s;
  const auto data = load(s.data);
  s.train.epochs = 12;
  s.train.schedule.type = "cosine";
  s.train.lr = 0.002;
  s.model.widths = {256, 256};
  s.model.dropout = 0.2;
  const double mlp = test_accuracy(s, data);
  s.model = {};
  s.model.type = "logistic";
  double logistic = 0;  // the best of three learning rates: none of them makes up for the layers
  for (const double lr : {0.0003, 0.001, 0.005}) {
    s.train.lr = lr;
    logistic = std::max(logistic, test_accuracy(s, data));
  }
  MESSAGE("digits, test accuracy: mlp " << mlp << ", logistic " << logistic);
  CHECK(mlp >= 0.97);
  CHECK(logistic <= 0.92);
  CHECK(logistic >= 0.7);
}

TEST_CASE("an MLP reaches 98 % of MNIST's test part" * doctest::skip(!has_mnist())) {
  TrialSettings s;
  s.data.set = "mnist";
  s.train.epochs = 15;
  s.train.schedule.type = "cosine";
  s.model.widths = {256, 256};
  s.model.dropout = 0.3;
  const double accuracy = test_accuracy(s, load(s.data));
  MESSAGE("mnist, test accuracy: " << accuracy);
  CHECK(accuracy >= 0.98);
}
