// Progress of a run on standard error: a live display on a terminal, a line per finished trial elsewhere.
#pragma once
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include "cli/terminal/terminal.h"
#include "core/clock.h"
#include "experiments/scheduler/run.h"

namespace vernier::cli {

class LiveDisplay {
 public:
  /// `metric`: whose values are shown and charted; `study`: the title.
  LiveDisplay(std::ostream& out, Terminal terminal, const Clock& clock, std::string study,
              std::string metric);
  /// Called from the scheduler's thread for every event. Draws at most 4 times a second.
  void show(const experiments::Progress& progress);
  /// Removes the live part, so that what follows starts on a clean line.
  void finish();

 private:
  struct Running {
    std::string device, settings;
    int step = 0, until = 0;
    std::vector<double> curve;
  };
  void finished_line(const experiments::Progress& progress);
  void draw();
  void erase();
  std::string bar_line(int cells, bool colour) const;
  std::string running_line(int number, const Running& trial) const;
  std::string remaining() const;

  std::ostream& out_;
  Terminal terminal_;
  const Clock& clock_;
  std::string study_, metric_;
  std::map<int, Running> running_;
  experiments::Summary totals_;
  double began_, drawn_ = -1;
  int at_start_ = -1;              // trials already finished when this run began
  std::vector<double> durations_;  // of finished trials, in seconds, this run
  std::map<int, double> started_;
  int lines_ = 0;  // of the live part on the screen
};

}  // namespace vernier::cli
