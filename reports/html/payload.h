// Everything the page shows, in one compressed piece. Format: reports/README.md.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "core/json.h"
#include "reports/analysis/study_data.h"
#include "reports/html/deflate.h"

namespace vernier::reports {

struct PayloadOptions {
  std::string title;
  std::string db;                          // shown in commands
  double created = 0;                      // wall
  int curves_of_best = 200;                // trials that carry metrics other than the objective
  int trial = 0;                           // > 0: the page of this trial of the first study
  std::size_t artifact_bytes = 4'000'000;  // of one trial; what is beyond is left out
  /// For the pictures of claims. Empty: the page fetches them, as the live page does.
  std::function<std::vector<store::Artifact>(const StudyData&, int number)> artifacts = nullptr;
};

struct Payload {
  Json json;
  Bytes blob;
};

Payload make_payload(const std::vector<StudyData>& studies, const PayloadOptions& options);

/// zlib(u32 little-endian length of the JSON text | JSON text | blob).
/// `quick`: for the live page, where writing time counts more than size.
Bytes pack(const Payload& payload, bool quick = false);

}  // namespace vernier::reports
