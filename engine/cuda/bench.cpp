#include "engine/cuda/bench.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "core/stats.h"
#include "engine/cpu/bench.h"
#include "engine/cuda/layout.h"

namespace vernier::engine::cuda {

LanesBench bench_lanes(Gpu& gpu, const std::string& model, int batch, int lanes,
                       const std::string& precision, double seconds) {
  TrialSettings settings = cpu::bench_settings(model, batch);
  settings.train.precision = precision;
  const auto data = std::make_shared<const Dataset>(cpu::bench_data(model, batch));
  const int updates = data->train.n / batch;
  settings.train.measures_per_epoch = std::max(1, updates / 64);
  const auto cohort = gpu.make_cohort(settings, data, lanes);
  for (int lane = 0; lane < lanes; ++lane) {
    settings.train.lr = 0.001 * (1 + lane);
    cohort->admit(settings, nullptr);
  }
  LanesBench result;
  const Recipe recipe = make_recipe(settings, shape_of(*data), null_log());
  result.flops = make_layout(recipe, *data, 1).plan.flops;
  const auto now = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  };
  const std::atomic<bool> go{false};
  cohort->advance(go, {});
  std::vector<double> times;
  for (const double end = now() + seconds; now() < end || times.size() < 3;) {
    const auto rows = cohort->advance(go, {});
    for (const auto& [name, value] : rows.at(0).timings)
      if (name == "update_us") times.push_back(value);
  }
  result.update_us_median = median(times);
  result.update_us_min = *std::min_element(times.begin(), times.end());
  result.measurements = static_cast<int>(times.size());
  return result;
}

}  // namespace vernier::engine::cuda
