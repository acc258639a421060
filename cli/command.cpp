#include "cli/command.h"

#include <fmt/ostream.h>

#include <algorithm>
#include <new>
#include <ostream>

#include "core/error.h"
#include "core/text.h"
#include "experiments/scheduler/worker.h"

namespace vernier::cli {

#define VERNIER_COMMAND(function, name, summary) int function(const Invocation&);
#include "cli/commands.def"
#undef VERNIER_COMMAND

std::span<const Command> commands() {
  static const std::vector<Command> table{
#define VERNIER_COMMAND(function, name, summary) {name, summary, function},
#include "cli/commands.def"
#undef VERNIER_COMMAND
  };
  return table;
}

namespace {

void print_help(std::ostream& out) {
  fmt::print(out, "vernier: search hyperparameters, record every trial, compare them\n\n");
  fmt::print(out, "usage: vernier COMMAND [options]      vernier COMMAND --help\n\n");
  for (const Command& command : commands()) {
    fmt::print(out, "  {:<12}{}\n", command.name, command.summary);
  }
  fmt::print(out,
             "\nA first search: vernier new mlp > study.yaml; vernier run study.yaml; vernier top "
             "STUDY\n");
}

int run_command(const Invocation& invocation) {
  if (invocation.args.empty()) {
    print_help(invocation.err);
    return 2;
  }
  std::string name = invocation.args.front();
  if (name == "--help" || name == "-h" || name == "help") {
    print_help(invocation.out);
    return 0;
  }
  if (name == "--version") name = "version";
  // What `run --isolate` starts: nothing for people, so not in the table.
  if (name == "worker") return experiments::worker_main(0);
  const auto table = commands();
  const auto command =
      std::find_if(table.begin(), table.end(), [&](const Command& c) { return c.name == name; });
  if (command == table.end()) {
    std::vector<std::string> names;
    for (const Command& c : table) names.push_back(c.name);
    fail<UsageError>("unknown command '{}'{}", printable(name), hint(name, names));
  }
  return command->run(
      {{invocation.args.begin() + 1, invocation.args.end()}, invocation.out, invocation.err});
}

}  // namespace

int main(const Invocation& invocation) {
  const auto report = [&](const char* what, int code) {
    invocation.out.flush();
    fmt::print(invocation.err, "error: {}\n", what);
    return code;
  };
  try {
    const int code = run_command(invocation);
    invocation.out.flush();
    if (!invocation.out) fail<Error>("cannot write to standard output");
    return code;
  } catch (const UsageError& error) {
    return report(error.what(), 2);
  } catch (const NotFoundError& error) {
    return report(error.what(), 4);
  } catch (const std::bad_alloc&) {
    return report("out of memory", 1);
  } catch (const std::exception& error) {
    return report(error.what(), 1);
  }
}

}  // namespace vernier::cli
