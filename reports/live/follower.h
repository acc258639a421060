// A database followed by a thread: whenever something was committed, and somebody looks, the studies are read and packed again.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "reports/live/source.h"

namespace vernier::reports::live {

struct FollowerOptions {
  std::filesystem::path db;
  std::vector<std::string> studies;       // empty: the 20 newest, whichever they are by then
  std::function<void(const Json&)> edit;  // how an edit is done; throws Error
  std::function<void(const std::string&)> complain;  // once per different trouble while following
  double least_pause = 1.0;                          // seconds between two readings
  double pause_factor =
      20;  // at least this many times the last reading's duration: at most 5 % of one core
  double idle_after = 30;  // seconds without a question: nothing is read
};

class Follower final : public Source {
 public:
  /// Reads once. Throws NotFoundError for unknown studies, StoreError for the file.
  explicit Follower(FollowerOptions options);
  ~Follower() override;

  Snapshot now() override;
  Json artifacts(const std::string& study, int number) override;
  void edit(const Json& request) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vernier::reports::live
