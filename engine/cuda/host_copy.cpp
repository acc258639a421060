#include "engine/cuda/host_copy.h"

#include <algorithm>
#include <utility>

namespace vernier::engine::cuda {

HostCopy::HostCopy(const Plan& own, const Plan& wide) {
  const std::vector<Run> parameters = runs_of(own, wide, Role::parameter);
  const std::vector<Run> statistics = runs_of(own, wide, Role::statistic);
  std::size_t floats = 0;
  const auto take = [&](const Region& of, const Region& to, float** memory, std::vector<Run> runs) {
    if (of.stride == 0) return;
    parts_.push_back({to, memory, floats, to.stride / sizeof(float), std::move(runs)});
    floats += of.stride / sizeof(float);
  };
  take(own.parameter, wide.parameter, &memory_.parameter, parameters);
  for (int s = 0; s < own.options.optimizer_states; ++s)
    take(own.state[s], wide.state[s], &memory_.state[s], parameters);
  if (own.options.average) take(own.average, wide.average, &memory_.average, parameters);
  if (own.options.keep_best) {
    std::vector<Run> both = parameters;  // statistics lie behind the parameters
    for (const Run& run : statistics)
      both.push_back({run.own + own.parameter_floats, run.wide + wide.parameter_floats, run.count});
    take(own.best, wide.best, &memory_.best, std::move(both));
  }
  take(own.statistic, wide.statistic, &memory_.statistic, statistics);
  numbers_.resize(floats);
  for (const Part& part : parts_) *part.memory = numbers_.data() + part.first;
}

std::vector<float> HostCopy::spread(const Part& part) const {
  std::vector<float> wide(part.wide);
  for (const Run& run : part.runs)
    std::copy_n(numbers_.data() + part.first + run.own, run.count, wide.data() + run.wide);
  return wide;
}

void HostCopy::collect(const Part& part, const std::vector<float>& wide) {
  for (const Run& run : part.runs)
    std::copy_n(wide.data() + run.wide, run.count, numbers_.data() + part.first + run.own);
}

}  // namespace vernier::engine::cuda
