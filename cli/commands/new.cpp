#include <fcntl.h>
#include <fmt/ostream.h>

#include <ostream>

#include "cli/options.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "experiments/study/spec.h"

namespace vernier::cli {

int new_study(const Invocation& invocation) {
  Options options(
      "new [KIND] [-o study.yaml]",
      "Writes a commented study file: mlp (dense layers), cnn (layers listed in the file) or "
      "command (any program).");
  if (!options.argument("KIND", 0, 1)
           .value("output,o", "FILE",
                  "to this file, which must not exist (default: standard output)")
           .parse(invocation)) {
    return 0;
  }
  const std::string text = experiments::study_template(options.text("KIND", "mlp"));
  const auto file = options.text("output");
  if (!file) {
    fmt::print(invocation.out, "{}", text);
    return 0;
  }
  if (std::filesystem::exists(*file))
    fail<UsageError>("[new] {} exists already; expected a new file", *file);
  write_file_durably(*file, std::as_bytes(std::span(text)));
  fmt::print(invocation.err, "next: vernier check {0}; vernier run {0}\n", *file);
  return 0;
}

}  // namespace vernier::cli
