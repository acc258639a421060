#include "cli/terminal/live_display.h"

#include <fmt/ostream.h>

#include <algorithm>
#include <cmath>
#include <ostream>

#include "cli/terminal/sparkline.h"
#include "core/stats.h"
#include "core/text.h"

namespace vernier::cli {
namespace {

int finished(const experiments::Summary& s) {
  return s.completed + s.stopped + s.failed + s.diverged + s.infeasible;
}

// "train.lr" -> "lr": the last part is enough beside its value.
std::string short_settings(const Config& config) {
  std::string text;
  for (const auto& [name, value] : config) {
    const auto dot = name.rfind('.');
    const double* number = std::get_if<double>(&value);
    text += (text.empty() ? "" : "  ") + name.substr(dot == std::string::npos ? 0 : dot + 1) + ' ' +
            (number != nullptr ? format_number(*number, 3) : to_text(value));
  }
  return printable(text);
}

}  // namespace

LiveDisplay::LiveDisplay(std::ostream& out, Terminal terminal, const Clock& clock,
                         std::string study, std::string metric)
    : out_(out),
      terminal_(terminal),
      clock_(clock),
      study_(printable(study)),
      metric_(std::move(metric)),
      began_(clock.monotonic()) {}

void LiveDisplay::show(const experiments::Progress& progress) {
  using Kind = experiments::Progress::Kind;
  if (progress.summary != nullptr) totals_ = *progress.summary;
  if (at_start_ < 0) at_start_ = finished(totals_);
  bool now = false;
  switch (progress.kind) {
    case Kind::trial_started: {
      Running& trial = running_[progress.number];
      trial.device = progress.device;
      trial.until = progress.until;
      trial.step = progress.step;
      if (progress.config != nullptr) trial.settings = short_settings(*progress.config);
      started_.try_emplace(progress.number, clock_.monotonic());
      break;
    }
    case Kind::measurement: {
      Running& trial = running_[progress.number];
      trial.step = progress.step;
      if (progress.results != nullptr) {
        for (const auto& [name, value] : *progress.results) {
          if (name == metric_) trial.curve.push_back(value);
        }
      }
      break;
    }
    case Kind::trial_finished:
      if (const auto began = started_.find(progress.number); began != started_.end()) {
        durations_.push_back(clock_.monotonic() - began->second);
        started_.erase(began);
      }
      finished_line(progress);
      running_.erase(progress.number);
      break;
    case Kind::study_started:
    case Kind::best:
    case Kind::study_finished:
      now = true;
      break;
  }
  if (terminal_.interactive && (now || clock_.monotonic() - drawn_ >= 0.25)) draw();
}

void LiveDisplay::finished_line(const experiments::Progress& progress) {
  if (terminal_.interactive) return;
  const auto trial = running_.find(progress.number);
  const std::string settings = progress.config != nullptr ? short_settings(*progress.config)
                               : trial != running_.end()  ? trial->second.settings
                                                          : "";
  std::string outcome = progress.state;
  if (progress.value) outcome += fmt::format("  {} {}", metric_, format_number(*progress.value, 4));
  if (!progress.reason.empty()) outcome += "  (" + printable(progress.reason) + ")";
  fmt::print(out_, "{}  {}/{}  #{}  {}  {}\n", study_, finished(totals_), totals_.planned,
             progress.number, settings, outcome);
  out_.flush();
}

std::string LiveDisplay::remaining() const {
  const int done = finished(totals_) - std::max(0, at_start_);
  const int left = totals_.planned - finished(totals_);
  if (done < 2 || left <= 0) return "";
  // Trials differ in length: the range is spanned by the quartiles of those finished, at the pace of this run.
  const double pace = (clock_.monotonic() - began_) / done;
  const double middle = std::max(1e-9, median(durations_));
  const double least = pace * left * quantile(durations_, 0.25) / middle,
               most = pace * left * quantile(durations_, 0.75) / middle;
  if (most < 1) return "seconds left";
  if (most < 90) return fmt::format("{:.0f}-{:.0f} s left", least, most);
  if (most < 5400)
    return fmt::format("{:.0f}-{:.0f} min left", std::floor(least / 60), std::ceil(most / 60));
  return fmt::format("{:.1f}-{:.1f} h left", least / 3600, most / 3600);
}

std::string LiveDisplay::bar_line(int cells, bool colour) const {
  const int done = finished(totals_), planned = std::max(1, totals_.planned);
  const int filled = std::min(cells, done * cells / planned);
  std::string line = fmt::format(
      "{}  [{}{}]  {}/{}", study_, std::string(static_cast<std::size_t>(filled), '#'),
      std::string(static_cast<std::size_t>(cells - filled), '.'), done, totals_.planned);
  if (totals_.best_value && totals_.best) {
    line += fmt::format("   best {} (#{})",
                        paint(format_number(*totals_.best_value, 4), Paint::bold, colour),
                        *totals_.best);
  }
  line += fmt::format("   {} stopped  {} failed", totals_.stopped,
                      totals_.failed + totals_.diverged + totals_.infeasible);
  if (const std::string rest = remaining(); !rest.empty()) line += "   " + rest;
  return line;
}

std::string LiveDisplay::running_line(int number, const Running& trial) const {
  std::string tail = fmt::format("  step {}/{}", trial.step, trial.until);
  if (!trial.curve.empty()) {
    tail += fmt::format("  {} {:<6}  {}", metric_, format_number(trial.curve.back(), 4),
                        sparkline(trial.curve, 12));
  }
  const std::string head = fmt::format(" #{} {}  ", number, trial.device);
  const int room = terminal_.width - 1 - display_width(head) - display_width(tail);
  const std::string settings = fit(trial.settings, std::max(0, room));
  const int gap = std::max(0, std::min(48, room) - display_width(settings));
  return fit(head + settings + std::string(static_cast<std::size_t>(gap), ' ') + tail,
             terminal_.width - 1);
}

void LiveDisplay::erase() {
  for (; lines_ > 0; --lines_) fmt::print(out_, "\x1b[1A\x1b[2K");
  fmt::print(out_, "\r");
}

void LiveDisplay::draw() {
  drawn_ = clock_.monotonic();
  erase();
  // The bar gives way to the words; a painted line may not be cut inside an escape sequence.
  int cells = 24;
  while (cells > 6 && display_width(bar_line(cells, false)) >= terminal_.width) cells -= 2;
  const bool fits = display_width(bar_line(cells, false)) < terminal_.width;
  const std::string bar =
      fits ? bar_line(cells, terminal_.colour) : fit(bar_line(cells, false), terminal_.width - 1);
  fmt::print(out_, "{}\n", bar);
  lines_ = 1;
  for (const auto& [number, trial] : running_) {
    if (lines_ >= terminal_.height - 2) break;
    fmt::print(out_, "{}\n", running_line(number, trial));
    ++lines_;
  }
  out_.flush();
}

void LiveDisplay::finish() {
  if (!terminal_.interactive) return;
  running_.clear();
  draw();
  lines_ = 0;
}

}  // namespace vernier::cli
