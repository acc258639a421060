#include <csignal>
#include <iostream>

#include "cli/command.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE,
              SIG_IGN);  // a closed pipe is an error of the stream, not the end of a search
  std::ios::sync_with_stdio(false);
  return vernier::cli::main({{argv + 1, argv + argc}, std::cout, std::cerr});
}
