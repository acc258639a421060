// Reads studies of any origin: engine, external program or library. Works beside a writer, this process's too.
#pragma once
#include <vernier/trial.h>

#include <memory>
#include <string>
#include <vector>

namespace vernier {

struct StudyInfo {
  std::string name, note, sampler, strategy;
  std::string state;                                          // running, finished, interrupted
  std::vector<std::pair<std::string, Direction>> objectives;  // metric; the first is the value
  std::vector<std::string> params;                            // in the order of the space
  int planned = 0;                                            // trials; 0: open
  double created = 0;                                         // Unix seconds
};

struct CurvePoint {
  int step = 0;
  Metrics metrics;
};

/// Thread-safe. Throws StoreError for what is no database of Vernier, NotFoundError (with the nearest name) for unknown studies and trials.
class VERNIER_EXPORT Database {
 public:
  explicit Database(const std::string& file);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  std::vector<StudyInfo> studies() const;
  StudyInfo study(const std::string& name) const;
  /// By number; repeats of the engine's trials are left out.
  std::vector<TrialInfo> trials(const std::string& study) const;
  /// All that was measured, by step.
  std::vector<CurvePoint> curve(const std::string& study, int number) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vernier
