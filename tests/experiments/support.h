// Folders, study files and error texts for the tests of experiments.
#pragma once
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/error.h"
#include "experiments/study/spec.h"

namespace vernier::experiments::testing {

class TempFolder {
 public:
  /// In memory where the machine has such a file system: the loop commits often, and durability is not what is tested.
  TempFolder() {
    const std::filesystem::path memory = "/dev/shm";
    const bool usable = access(memory.c_str(), W_OK) == 0;
    std::string name =
        ((usable ? memory : std::filesystem::temp_directory_path()) / "vernier-exp-XXXXXX")
            .string();
    path_ = mkdtemp(name.data());
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path db() const { return path_ / "v.db"; }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

/// Loads `text` as the study file study.yaml in a folder of its own.
inline Spec load(const std::string& text, const Overrides& overrides = {}) {
  const TempFolder folder;
  return load_spec(folder.write("study.yaml", text), overrides);
}

/// The text of the UsageError that `body` throws, from the file's name on; "" where it throws none.
template <class Body>
std::string refusal(const Body& body) {
  try {
    body();
  } catch (const UsageError& error) {
    const std::string text = error.what();
    const auto at = text.find("study.yaml");
    return at == std::string::npos ? text : text.substr(at);
  }
  return "";
}
inline std::string refusal_of(const std::string& text, const Overrides& overrides = {}) {
  return refusal([&] { (void)load(text, overrides); });
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace vernier::experiments::testing
