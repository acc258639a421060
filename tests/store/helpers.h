// A database in a folder of its own, and a small study to fill it with.
#pragma once
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/error.h"
#include "store/store.h"

namespace vernier::store::test {

class TempFolder {
 public:
  TempFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "vernier_store_XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path db() const { return path_ / "v.db"; }

 private:
  std::filesystem::path path_;
};

/// The size of a campaign: `otherwise`, or what tests/faults.sh asks for.
inline int campaign(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text ? std::atoi(text) : otherwise;
}

inline NewStudy small_study(const std::string& name = "mnist") {
  NewStudy study;
  study.name = name;
  study.note = "how wide?";
  study.spec_text = "study: mnist\n";
  study.spec = Json{{"study", name}, {"trials", 5}};
  study.spec_hash = "abc";
  study.seed = 0xFFFFFFFFFFFFFFF1ull;
  study.trials = 5;
  study.sampler = "gp";
  study.strategy = "full";
  study.params = {{"model.depth", "int", Json{{"low", 1}, {"high", 4}}},
                  {"train.lr", "float", Json{{"low", 1e-5}, {"high", 1.0}, {"scale", "log"}}},
                  {"model.activation", "categorical", Json{{"choices", {"relu", "tanh"}}}},
                  {"model.batch_norm", "bool", Json::object()},
                  {"model.dropout", "float", Json{{"when", "depth >= 2"}}}};
  study.objectives = {{"val_acc", true}};
  study.code_version = "0.1.0";
  study.host = "here";
  return study;
}

inline NewTrial small_trial(int number) {
  NewTrial trial;
  trial.number = number;
  trial.config.set("model.depth", std::int64_t{1 + number % 4});
  trial.config.set("train.lr", 0.001 * (number + 1));
  trial.config.set("model.activation", std::string(number % 2 ? "relu" : "tanh"));
  trial.config.set("model.batch_norm", number % 3 == 0);
  if (number % 4 > 0) trial.config.set("model.dropout", 0.1);
  trial.seed = 7u + static_cast<unsigned>(number);
  return trial;
}

inline StepRow small_step(int number, int step) {
  return {
      step,
      {{"train_loss", 1.0 / (step + number + 1)}, {"val_acc", 0.5 + 0.01 * step + 0.001 * number}},
      {{"seconds", 0.25}}};
}

/// Adds, runs and finishes a trial of `steps` steps.
inline void whole_trial(Store& store, StudyId study, int number, int steps = 3) {
  store.add_trial(study, small_trial(number));
  store.set_running(study, number, "cpu0", "cpu-avx2");
  for (int step = 1; step <= steps; ++step) {
    store.add_step(study, number, small_step(number, step), 0.5 + 0.01 * step + 0.001 * number);
  }
  TrialEnd end;
  end.value = 0.5 + 0.01 * steps + 0.001 * number;
  end.best_step = steps;
  end.weights_hash = "w" + std::to_string(number);
  end.facts = {{"parameters", 1000.0 * (number + 1)}, {"flops", 2e6}, {"bytes", 4e3}};
  store.finish_trial(study, number, end);
}

/// The text of the StoreError that `body` throws; empty where it throws none.
template <class Body>
std::string store_error(const Body& body) {
  try {
    body();
  } catch (const StoreError& error) {
    return error.what();
  }
  return "";
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace vernier::store::test
