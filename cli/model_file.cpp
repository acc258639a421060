#include "cli/model_file.h"

#include <fmt/ostream.h>

#include <ostream>

#include "core/error.h"
#include "core/file.h"
#include "experiments/scheduler/torch_model.h"
#include "store/exports/exports.h"

namespace vernier::cli {

int write_model(const Invocation& invocation, const experiments::RunOptions& options,
                const std::string& study, int number, const std::filesystem::path& to, bool force) {
  std::filesystem::path beside = to;
  beside.replace_extension(".py");
  if (beside == to)
    fail<UsageError>("[{}] is the name of the Python file beside it; expected NAME.safetensors",
                     to.string());
  const engine::TorchModel model =
      experiments::torch_model(options, study, number, to.filename().string(), null_log());
  const auto write = [](const std::filesystem::path& place, const std::string& text) {
    write_file_durably(place, std::as_bytes(std::span(text)));
  };
  // Both or none: the second is looked at before the first takes its place.
  store::write_new(to, force, [&](const std::filesystem::path& weights) {
    write(weights, model.safetensors);
    store::write_new(beside, force,
                     [&](const std::filesystem::path& place) { write(place, model.python); });
  });
  fmt::print(invocation.out, "{}", model.sequential);
  fmt::print(invocation.err, "{}#{}: {} and {}\n", study, number, to.string(), beside.string());
  return 0;
}

}  // namespace vernier::cli
