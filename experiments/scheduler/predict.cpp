#include "experiments/scheduler/predict.h"

#include "core/error.h"

namespace vernier::experiments {

engine::Predictions predict_trial(const RunOptions& options, const std::string& study, int number,
                                  const std::string& what, const Log& log) {
  engine::Predictions predictions;
  {
    const store::Store store = store::Store::open(options.db, store::Mode::read);
    const store::StudyRecord known = store.study(study);
    const store::TrialRecord record = store.trial(known.id, number);
    const Spec spec = spec_from_json(known.spec);
    if (spec.command)
      fail<UsageError>("[predict] '{}' runs an external program; expected a study of networks",
                       study);
    const auto best = store.load_checkpoint(known.id, number, "best");
    if (!best)
      fail<UsageError>(
          "[predict] the weights of {}#{} were not kept; expected one of the best trials", study,
          number);
    predictions =
        engine::predict(spec.settings(record.config, record.number),
                        {best->step, best->device_kind, best->bytes}, what, options.data_dirs, log);
  }
  if (what == "test") {
    store::Store store = store::Store::open(options.db, store::Mode::write);
    store.add_event(store.study(study).id,
                    {SystemClock().wall(), number, "tested", "the test part was predicted"});
  }
  return predictions;
}

}  // namespace vernier::experiments
