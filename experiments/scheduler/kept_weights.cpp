#include "experiments/scheduler/kept_weights.h"

#include "core/error.h"

namespace vernier::experiments {

KeptWeights kept_weights(const RunOptions& options, const std::string& study, int number,
                         const std::string& command) {
  const store::Store store = store::Store::open(options.db, store::Mode::read);
  const store::StudyRecord known = store.study(study);
  const store::TrialRecord record = store.trial(known.id, number);
  const Spec spec = spec_from_json(known.spec);
  if (spec.command)
    fail<UsageError>("[{}] '{}' runs an external program; expected a study of networks", command,
                     study);
  auto best = store.load_checkpoint(known.id, number, "best");
  if (!best)
    fail<UsageError>("[{}] the weights of {}#{} were not kept; expected one of the best trials",
                     command, study, number);
  return {spec.settings(record.config, record.number),
          {best->step, best->device_kind, std::move(best->bytes)}};
}

}  // namespace vernier::experiments
