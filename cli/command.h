// The table of commands: one file per command under commands/, one line in commands.def.
#pragma once
#include <iosfwd>
#include <span>
#include <string>
#include <vector>

namespace vernier::cli {

/// What a command gets: its arguments (without its name) and the two streams. Standard output carries results only.
struct Invocation {
  std::vector<std::string> args;
  std::ostream& out;
  std::ostream& err;
};

struct Command {
  std::string name;
  std::string summary;
  int (*run)(const Invocation&);
};

std::span<const Command> commands();

/// The whole program: finds the command, runs it, turns exceptions into messages and exit codes (cli/README.md).
int main(const Invocation& invocation);

}  // namespace vernier::cli
