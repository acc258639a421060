#include "experiments/scheduler/predict.h"

#include "experiments/scheduler/kept_weights.h"

namespace vernier::experiments {

engine::Predictions predict_trial(const RunOptions& options, const std::string& study, int number,
                                  const std::string& what, const Log& log) {
  const KeptWeights kept = kept_weights(options, study, number, "predict");
  engine::Predictions predictions =
      engine::predict(kept.settings, kept.weights, what, options.data_dirs, log);
  if (what == "test") {
    store::Store store = store::Store::open(options.db, store::Mode::write);
    store.add_event(store.study(study).id,
                    {SystemClock().wall(), number, "tested", "the test part was predicted"});
  }
  return predictions;
}

}  // namespace vernier::experiments
