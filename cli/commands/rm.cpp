#include <fmt/ostream.h>

#include <ostream>

#include "cli/output.h"
#include "core/error.h"

namespace vernier::cli {

int rm(const Invocation& invocation) {
  Options options("rm STUDY --yes [options]",
                  "Removes a study with its trials, curves and checkpoints.");
  if (!options.argument("STUDY", 1, 1).database().flag("yes", "really").parse(invocation)) return 0;
  const std::string name = *options.text("STUDY");
  {
    const store::Store store = open_database(options);
    const store::StudyRecord study = store.study(name);
    if (!options.has("yes")) {
      fail<UsageError>("[rm] this removes study '{}' and its {} trials for good; add --yes", name,
                       store.trials(study.id).size());
    }
  }
  store::Store store = store::Store::open(database_of(options), store::Mode::write);
  store.remove_study(store.study(name).id);
  fmt::print(invocation.err, "removed {}\n", name);
  return 0;
}

}  // namespace vernier::cli
