// Where values lie: weights of every layer, what its activation function gives, and the outputs before softmax.
#include "engine/cohort/transfer.h"
#include "engine/recorded/bins.h"
#include "engine/recorded/pictures.h"
#include "engine/recorded/recorded.h"

namespace vernier::engine {
namespace {

std::vector<Recorded> keep(const Scene& scene) {
  std::vector<Recorded> all;
  const auto add = [&](const std::string& name, std::span<const float> values) {
    const auto bins = make_bins(values);
    if (bins)
      all.push_back(picture(name, "histogram", {{"edges", bins->edges}, {"counts", bins->counts}}));
  };
  const auto& tensors = scene.plan->graph.tensors;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i].role == Role::parameter && tensors[i].name.ends_with(".weight"))
      add("weights of " + layer_of(tensors[i].name), scene.values(i));
  }
  scene.activations([&](const std::string& layer, std::span<const float> values) {
    add("activations of " + layer, values);
  });
  add(scene.recipe->classes ? "logits" : "outputs", scene.valid_outputs());
  return all;
}

}  // namespace

Recording histograms_recording() {
  Recording recording;
  recording.misfit = [](const Subject&) { return std::string(); };
  recording.keep = keep;
  return recording;
}

}  // namespace vernier::engine
