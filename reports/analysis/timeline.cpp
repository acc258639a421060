#include "reports/analysis/timeline.h"

#include <algorithm>
#include <map>

namespace vernier::reports {

namespace {

struct Change {
  double wall;
  bool resumed;
};

std::map<int, std::vector<Change>> changes_of(const StudyData& data) {
  std::map<int, std::vector<Change>> changes;
  for (const auto& event : data.events) {
    if (!event.number) continue;
    if (event.kind == "paused" || event.kind == "resumed")
      changes[*event.number].push_back({event.wall, event.kind == "resumed"});
  }
  for (auto& [number, list] : changes) {
    std::stable_sort(list.begin(), list.end(),
                     [](const Change& a, const Change& b) { return a.wall < b.wall; });
  }
  return changes;
}

std::vector<Stretch> stretches_of(const StudyData& data, std::size_t i,
                                  const std::vector<Change>& changes, double now) {
  const auto& trial = data.trials[i];
  std::vector<Stretch> out;
  if (!trial.started) return out;
  const double created = data.study.created;
  double from = *trial.started, trained = trial.seconds;
  bool open = true;
  const auto close = [&](double to) {
    if (to > from) out.push_back({i, from - created, to - created});
    trained = std::max(0.0, trained - std::max(0.0, to - from));
    open = false;
  };
  for (const Change& change : changes) {
    if (!change.resumed) {
      if (open) close(std::max(from, change.wall));
      continue;
    }
    // Resumed without a pause: it was cut off, and trained no longer than it says in all.
    if (open) close(std::min(std::max(from, change.wall), from + trained));
    from = change.wall;
    open = true;
  }
  if (open) {
    if (trial.ended) {
      close(std::max(from, *trial.ended));
    } else {
      close(trial.state == store::State::running ? std::max(from, now) : from + trained);
    }
  }
  return out;
}

/// gpu:2 before gpu:10.
bool natural_less(const std::string& a, const std::string& b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (digit(a[i]) && digit(b[j])) {
      std::size_t m = i, n = j;
      while (m < a.size() && digit(a[m])) ++m;
      while (n < b.size() && digit(b[n])) ++n;
      std::string x = a.substr(i, m - i), y = b.substr(j, n - j);
      x.erase(0, std::min(x.find_first_not_of('0'), x.size()));
      y.erase(0, std::min(y.find_first_not_of('0'), y.size()));
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
      i = m;
      j = n;
    } else if (a[i] != b[j]) {
      return a[i] < b[j];
    } else {
      ++i;
      ++j;
    }
  }
  return a.size() - i < b.size() - j;
}

/// Length of the union; sorts.
double covered(std::vector<std::pair<double, double>>& spans) {
  std::sort(spans.begin(), spans.end());
  double length = 0, end = -INFINITY;
  for (const auto& [from, to] : spans) {
    if (to <= end) continue;
    length += to - std::max(from, end);
    end = to;
  }
  return length;
}

bool free_for(const std::map<double, double>& taken, const Stretch& stretch) {
  // Ends and starts that differ by less than the clock's honesty touch, they do not overlap.
  constexpr double kTouch = 1e-3;
  auto after = taken.lower_bound(stretch.to - kTouch);
  if (after == taken.begin()) return true;
  return std::prev(after)->second <= stretch.from + kTouch;
}

}  // namespace

Timeline timeline(const StudyData& data, double now) {
  const auto changes = changes_of(data);
  std::vector<std::vector<Stretch>> trials;
  for (std::size_t i = 0; i < data.trials.size(); ++i) {
    const auto found = changes.find(data.trials[i].number);
    auto stretches =
        stretches_of(data, i, found == changes.end() ? std::vector<Change>() : found->second, now);
    if (!stretches.empty()) trials.push_back(std::move(stretches));
  }
  std::stable_sort(trials.begin(), trials.end(),
                   [](const auto& a, const auto& b) { return a.front().from < b.front().from; });

  struct Lane {
    TimelineLane lane;
    std::map<double, double> taken;
  };
  const auto less = [](const std::string& a, const std::string& b) { return natural_less(a, b); };
  std::map<std::string, std::vector<Lane>, decltype(less)> devices(less);
  std::map<std::string, std::vector<std::pair<double, double>>, decltype(less)> busy(less);
  std::vector<std::pair<double, double>> all;
  double total = 0;
  for (const auto& stretches : trials) {
    const std::string& device = data.trials[stretches.front().trial].device;
    auto& lanes = devices[device];
    auto lane = std::find_if(lanes.begin(), lanes.end(), [&](const Lane& l) {
      return std::all_of(stretches.begin(), stretches.end(),
                         [&](const Stretch& s) { return free_for(l.taken, s); });
    });
    if (lane == lanes.end()) lane = lanes.insert(lanes.end(), Lane{{device, {}}, {}});
    for (const Stretch& s : stretches) {
      lane->lane.stretches.push_back(s);
      lane->taken[s.from] = s.to;
      busy[device].emplace_back(s.from, s.to);
      all.emplace_back(s.from, s.to);
      total += s.to - s.from;
    }
  }

  Timeline result;
  result.active = covered(all);
  result.mean_running = result.active > 0 ? total / result.active : 0;
  for (auto& [device, lanes] : devices) {
    for (Lane& each : lanes) {
      auto& list = each.lane.stretches;
      std::stable_sort(list.begin(), list.end(),
                       [](const Stretch& a, const Stretch& b) { return a.from < b.from; });
      result.lanes.push_back(std::move(each.lane));
    }
    DeviceUse use{device, covered(busy[device]), 0};
    if (result.active > 0) use.occupancy = use.busy / result.active;
    result.devices.push_back(use);
  }
  return result;
}

}  // namespace vernier::reports
