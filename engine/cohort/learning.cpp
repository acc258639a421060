#include "engine/cohort/learning.h"

#include <algorithm>

#include "engine/cohort/transfer.h"

namespace vernier::engine {
namespace {

/// Of frozen layers, in the order of the plan: visit(begin, end) in floats.
template <class Visit>
void each_frozen(const Recipe& recipe, const Plan& plan, Role role, Visit&& visit) {
  for (std::size_t i = 0; i < plan.graph.tensors.size(); ++i) {
    const Tensor& tensor = plan.graph.tensors[i];
    if (tensor.role != role || std::find(recipe.frozen.begin(), recipe.frozen.end(),
                                         layer_of(tensor.name)) == recipe.frozen.end())
      continue;
    const std::size_t begin = plan.training[i] / sizeof(float);
    visit(begin, begin + elements(tensor.shape));
  }
}

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> learning_ranges(const Recipe& recipe,
                                                                 const Plan& plan) {
  std::vector<std::pair<std::size_t, std::size_t>> ranges{{0, plan.parameter_floats}};
  each_frozen(recipe, plan, Role::parameter, [&](std::size_t begin, std::size_t behind) {
    const std::size_t end = ranges.back().second;
    ranges.back().second = begin;
    ranges.emplace_back(std::min((behind + 15) / 16 * 16, end), end);  // as laid out
  });
  return ranges;
}

std::vector<std::vector<std::pair<std::size_t, std::size_t>>> layer_ranges(const Recipe& recipe,
                                                                           const Plan& plan) {
  const std::vector<std::string> names = learning_layers(recipe.architecture, recipe.frozen);
  std::vector<std::vector<std::pair<std::size_t, std::size_t>>> ranges(names.size());
  for (std::size_t i = 0; i < plan.graph.tensors.size(); ++i) {
    const Tensor& tensor = plan.graph.tensors[i];
    if (tensor.role != Role::parameter) continue;
    const auto layer = std::find(names.begin(), names.end(), layer_of(tensor.name));
    if (layer == names.end()) continue;
    const std::size_t begin = plan.training[i] / sizeof(float);
    ranges[static_cast<std::size_t>(layer - names.begin())].emplace_back(
        begin, begin + elements(tensor.shape));
  }
  return ranges;
}

std::vector<std::pair<std::size_t, std::size_t>> frozen_statistics(const Recipe& recipe,
                                                                   const Plan& plan) {
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  each_frozen(recipe, plan, Role::statistic,
              [&](std::size_t begin, std::size_t end) { ranges.emplace_back(begin, end); });
  return ranges;
}

}  // namespace vernier::engine
