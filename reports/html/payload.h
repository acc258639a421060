// Everything the page shows, in one compressed piece. Format: reports/README.md.
#pragma once
#include <string>
#include <vector>

#include "core/json.h"
#include "reports/analysis/study_data.h"
#include "reports/html/deflate.h"

namespace vernier::reports {

struct PayloadOptions {
  std::string title;
  std::string db;            // shown in commands
  double created = 0;        // wall
  int curves_of_best = 200;  // trials that carry metrics other than the objective
};

struct Payload {
  Json json;
  Bytes blob;
};

Payload make_payload(const std::vector<StudyData>& studies, const PayloadOptions& options);

/// zlib(u32 little-endian length of the JSON text | JSON text | blob).
Bytes pack(const Payload& payload);

}  // namespace vernier::reports
