#include <fmt/ostream.h>

#include "cli/edit.h"
#include "cli/output.h"
#include "core/error.h"
#include "core/text.h"

namespace vernier::cli {

int tag(const Invocation& invocation) {
  // "-draft" is a tag to remove, not an option.
  std::vector<std::string> rest, add, remove;
  for (const std::string& arg : invocation.args) {
    const bool option = arg.starts_with("--") || arg == "-h";
    if (!option && arg.size() > 1 && (arg[0] == '+' || arg[0] == '-')) {
      (arg[0] == '+' ? add : remove).push_back(arg.substr(1));
    } else {
      rest.push_back(arg);
    }
  }
  Options options("tag STUDY[#N] +TAG -TAG... [options]",
                  "Adds (+) and removes (-) tags of a study or a trial.");
  if (!options.argument("TRIAL", 1, 1).database().parse({rest, invocation.out, invocation.err}))
    return 0;
  if (add.empty() && remove.empty())
    fail<UsageError>("[tag] no tag given; expected +TAG to add or -TAG to remove");
  edit(options, *options.text("TRIAL"), Json{{"do", "tag"}, {"add", add}, {"remove", remove}});
  return 0;
}

}  // namespace vernier::cli
