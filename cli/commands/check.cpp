#include "cli/check_output.h"
#include "cli/study_options.h"

namespace vernier::cli {

int check(const Invocation& invocation) {
  Options options("check STUDY.yaml [options]",
                  "Validates a study file, expands its space, predicts memory and time.");
  options.argument("STUDY.yaml", 1, 1);
  add_study_options(options);
  if (!options.parse(invocation)) return 0;
  const experiments::Spec spec =
      experiments::load_spec(*options.text("STUDY.yaml"), overrides_of(options));
  return print_check(invocation, spec,
                     experiments::check_study(spec, run_options_of(options), stderr_log()),
                     options.has("json"));
}

}  // namespace vernier::cli
