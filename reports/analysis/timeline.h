// When each trial ran and where, and how busy the devices were.
#pragma once
#include <string>
#include <vector>

#include "reports/analysis/study_data.h"

namespace vernier::reports {

/// One stretch of training; seconds since the study was created.
struct Stretch {
  std::size_t trial = 0;  // position in StudyData::trials
  double from = 0, to = 0;
};

/// A line of the timeline: stretches that do not overlap. A device that trains several trials at once has several.
struct TimelineLane {
  std::string device;
  std::vector<Stretch> stretches;  // in order of time
};

struct DeviceUse {
  std::string device;
  double busy = 0;       // seconds with at least one trial
  double occupancy = 0;  // busy / active time of the study, in [0, 1]
};

struct Timeline {
  std::vector<TimelineLane> lanes;  // by device, in natural order of names
  std::vector<DeviceUse> devices;
  double active = 0;        // seconds in which any trial trained
  double mean_running = 0;  // trials at once, over the active time
};

/// Stretches: from the start to each pause and from each resumption on (events "paused", "resumed"), to the end. A trial that runs
/// lasts to `now` (Unix seconds); one that was cut off without a note of it lasts as long as it has trained. The store knows a
/// trial's last device only: earlier stretches are drawn there.
Timeline timeline(const StudyData& data, double now);

}  // namespace vernier::reports
