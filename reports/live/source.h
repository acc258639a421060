// What the live page shows: implemented by Follower on a database, and by tests.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "core/json.h"

namespace vernier::reports::live {

struct Snapshot {
  std::int64_t seq = 0;                     // rises with every change
  std::shared_ptr<const std::string> data;  // a packed payload (reports/html/payload.h)
};

/// Called from several threads at once.
class Source {
 public:
  virtual ~Source() = default;
  virtual Snapshot now() = 0;
  /// artifacts_json of one trial. Throws NotFoundError.
  virtual Json artifacts(const std::string& study, int number) = 0;
  /// {"do": "note" | "tag" | "stop", "study", "number", ...}, checked by the site. Throws Error with what went wrong.
  virtual void edit(const Json& request) = 0;
};

}  // namespace vernier::reports::live
