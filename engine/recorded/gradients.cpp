// Which layers the gradient reaches, and with what strength.
#include "engine/cohort/transfer.h"
#include "engine/recorded/names.h"
#include "engine/recorded/recorded.h"

namespace vernier::engine {

Recording gradients_recording() {
  Recording recording;
  recording.misfit = [](const Subject&) { return std::string(); };
  recording.metrics = "grad_norm";
  recording.metric_names = [](const Subject& subject) {
    return metric_names("grad_norm", learning_layers(subject.net, subject.frozen));
  };
  recording.measure = [](const Scene& scene) {
    return std::vector<double>(scene.gradient_norms.begin(), scene.gradient_norms.end());
  };
  return recording;
}

}  // namespace vernier::engine
