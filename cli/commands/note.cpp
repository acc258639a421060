#include <fmt/ostream.h>

#include <ostream>

#include "cli/edit.h"
#include "cli/output.h"

namespace vernier::cli {

int note(const Invocation& invocation) {
  Options options("note STUDY[#N] TEXT [options]",
                  "Writes a note on a study or a trial; an empty text removes it.");
  if (!options.argument("TRIAL", 1, 1).argument("TEXT", 1, 1).database().parse(invocation))
    return 0;
  edit(options, *options.text("TRIAL"), Json{{"do", "note"}, {"text", *options.text("TEXT")}});
  return 0;
}

}  // namespace vernier::cli
