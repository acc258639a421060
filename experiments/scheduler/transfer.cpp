#include "experiments/scheduler/transfer.h"

#include "core/error.h"
#include "core/text.h"
#include "experiments/study/dotted.h"

namespace vernier::experiments {

std::string start_name(const Spec& spec, const Config& config) {
  if (spec.command) return "";
  const Value* searched = config.find("train.from");
  const Json written = searched ? to_json(*searched) : get_dotted(spec.json, "train.from");
  const std::string name = written.is_string() ? written.get<std::string>() : "";
  return name == "none" ? "" : name;
}

std::optional<engine::Checkpoint> start_weights(const store::Store& store,
                                                const std::string& from) {
  if (from.empty()) return std::nullopt;
  const auto hash = from.rfind('#');
  const store::StudyRecord study = store.study(from.substr(0, hash));
  const auto number = static_cast<int>(*parse_int(std::string_view(from).substr(hash + 1)));
  (void)store.trial(study.id, number);
  auto best = store.load_checkpoint(study.id, number, "best");
  if (!best)
    fail<UsageError>(
        "[train.from] the weights of {} were not kept; expected one of the best trials of '{}', or "
        "a larger keep there",
        printable(from), study.name);
  return engine::Checkpoint{0, best->device_kind, std::move(best->bytes), true};
}

}  // namespace vernier::experiments
